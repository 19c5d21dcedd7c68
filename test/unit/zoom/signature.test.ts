import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { answerChallenge, verifySignature } from '../../../core/zoom/signature.ts';

const secret = 'secret-token-of-the-app';
const now = new Date('2026-01-12T16:00:00Z');
const seconds = now.getTime() / 1_000;
const windowSeconds = 5_400;

const sign = (body: string | Buffer, timestamp = String(seconds), key = secret) =>
  `v0=${createHmac('sha256', key).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
const verify = (
  given: { body?: string | Buffer; timestamp?: string | undefined; signature?: string | undefined },
  secrets: readonly string[] = [secret],
) => {
  const body = Buffer.from(given.body ?? '{}');
  const { timestamp = String(seconds), signature = sign(body, timestamp) } = given;
  const signed = { body, timestamp, signature, ...('signature' in given && { signature: given.signature }) };
  return verifySignature(
    { ...signed, ...('timestamp' in given && { timestamp: given.timestamp }) },
    secrets,
    now,
    windowSeconds,
  );
};

describe("Zoom's signature", () => {
  test('is what Zoom documents: HMAC-SHA-256 over version, time and body', () => {
    // Computed with OpenSSL: printf 'v0:1768233600:{"event":"x"}' | openssl dgst -sha256 -hmac secret-token-of-the-app
    const signature = 'v0=61e643a5ac8209945b8b88d39034a3f5fac2b21d2bfd27637d11791a88c706af';
    expect(sign('{"event":"x"}', '1768233600')).toBe(signature);
    expect(verify({ body: '{"event":"x"}', timestamp: '1768233600', signature })).toBe('ok');
  });

  test.each([
    ['a non-ASCII topic', '{"topic":"Zürich 会議 🎥"}'],
    ['an escaped slash', '{"topic":"a\\/b"}'],
    ['an escaped letter', '{"topic":"\\u00e9"}'],
    ['numbers and spaces as nobody else writes them', '{ "a" : 1.0, "b":12345678901234567890 }'],
    ['the same key twice', '{"a":1,"a":2}'],
    ['nothing', ''],
  ])('is verified over the bytes of a body with %s', (_, body) => {
    expect(verify({ body })).toBe('ok');
  });

  test('over JSON that was parsed and written again is wrong', () => {
    const body = '{"topic":"a\\/b \\u00e9","n":1.0}';
    expect(verify({ body: JSON.stringify(JSON.parse(body)), signature: sign(body) })).toBe('wrong');
  });

  test('is taken under every secret of a rotation, and under no other', () => {
    const signature = sign('{}', undefined, 'the-previous-one');
    expect(verify({ signature }, [secret, 'the-previous-one'])).toBe('ok');
    expect(verify({ signature }, ['the-previous-one', secret])).toBe('ok');
    expect(verify({ signature }, [secret, 'the-next-one'])).toBe('wrong');
  });

  test.each([[[]], [['']], [[secret, '']]])(
    'is not looked at with the secrets %j: anybody could compute it',
    (secrets) => {
      expect(() => verify({ signature: sign('{}', undefined, '\0') }, secrets)).toThrow(/^BAD_CONFIG: .*secret token/);
    },
  );

  test.each([
    [0, 'ok'],
    [windowSeconds, 'ok'],
    [windowSeconds + 1, 'stale'],
    [-windowSeconds, 'ok'],
    [-windowSeconds - 1, 'stale'],
    [86_400 * 365 * 50, 'stale'],
  ])('of %i seconds ago is %s', (age, verdict) => {
    expect(verify({ timestamp: String(seconds - age).padStart(10, '0') })).toBe(verdict);
    // Milliseconds have 13 digits from September 2001 on.
    if (age < 86_400 * 365 * 20) expect(verify({ timestamp: String((seconds - age) * 1_000) })).toBe(verdict);
  });

  test("that is old and wrong is wrong: its age is nobody's business", () => {
    expect(verify({ timestamp: '1000000000', signature: `v0=${'0'.repeat(64)}` })).toBe('wrong');
  });

  test.each([[{ signature: undefined }], [{ timestamp: undefined }], [{ signature: '' }], [{ timestamp: '' }]])(
    'is missing in %j',
    (given) => {
      expect(verify({ ...given, ...('timestamp' in given && { signature: sign('{}') }) })).toBe('missing');
    },
  );

  const right = sign('{}');
  test.each([
    ['without its version', right.slice(3)],
    ['of another version', right.replace('v0', 'v1')],
    ['in capitals', right.replace(/[a-f]/g, (letter) => letter.toUpperCase())],
    ['that is too short', right.slice(0, -1)],
    ['that is too long', `${right}0`],
    ['of a megabyte', `v0=${'a'.repeat(1_000_000)}`],
    ['with other letters', `v0=${'g'.repeat(64)}`],
    ['with digits of another script', `v0=${'٣'.repeat(64)}`],
    ['with an emoji', `v0=${'😀'.repeat(32)}`],
    ['with a line behind it', `${right}\n`],
    ['with a space before it', ` ${right}`],
    ['with a NUL in it', `v0=\0${right.slice(4)}`],
    ['sent twice', `${right},${right}`],
  ])('%s is malformed', (_, signature) => {
    expect(verify({ signature })).toBe('malformed');
  });

  test.each([
    ['now'], ['-1768233600'], ['1768233600.5'], ['0x69651A80'], ['1e9'], ['176823360'], ['17682336000'],
    ['99999999999999'], [' 1768233600'], ['1768233600\n'], ['١٧٦٨٢٣٣٦٠٠'], ['NaN'], ['9'.repeat(1_000_000)],
  ])('at the time %.20s is malformed, even if it fits', (timestamp) => {
    expect(verify({ timestamp })).toBe('malformed');
  }); // prettier-ignore

  const someBody = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
  );
  const someSecret = fc.string({ minLength: 1, unit: 'binary' });

  test('of any body under any secret is verified, and by no single bit of change', () => {
    fc.assert(
      fc.property(someBody, someSecret, fc.nat(), fc.nat({ max: 255 }), (body, key, place, signatureBit) => {
        const signature = sign(body, undefined, key);
        expect(verify({ body, signature }, [key])).toBe('ok');

        const changed = Buffer.from(body);
        if (changed.length > 0) {
          const bit = place % (changed.length * 8);
          changed.writeUInt8((changed[bit >> 3] as number) ^ (1 << (bit & 7)), bit >> 3);
          expect(verify({ body: changed, signature }, [key])).toBe('wrong');
        }
        const forged = Buffer.from(signature.slice(3), 'hex');
        forged.writeUInt8((forged[signatureBit >> 3] as number) ^ (1 << (signatureBit & 7)), signatureBit >> 3);
        expect(verify({ body, signature: `v0=${forged.toString('hex')}` }, [key])).toBe('wrong');
        expect(verify({ body, signature, timestamp: String(seconds + 1) }, [key])).toBe('wrong');
      }),
    );
  });

  test('gets a verdict, and no exception, whatever the headers are', () => {
    const header = fc.option(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constant(right), fc.constant(String(seconds))),
      {
        nil: undefined,
      },
    );
    fc.assert(
      fc.property(header, header, someBody, (timestamp, signature, body) => {
        expect(['missing', 'malformed', 'wrong', 'ok']).toContain(verify({ timestamp, signature, body }));
      }),
    );
  });
});

test("the answer to Zoom's challenge is the token and its HMAC", () => {
  expect(answerChallenge('qgg8vlvZRS6UYooatFL8Aw', secret)).toEqual({
    plainToken: 'qgg8vlvZRS6UYooatFL8Aw',
    encryptedToken: createHmac('sha256', secret).update('qgg8vlvZRS6UYooatFL8Aw').digest('hex'),
  });
});

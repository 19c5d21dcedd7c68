import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assertAllowed, isPublicAddress, publicLookup, type HostRules } from '../../../core/media/hosts.ts';

const strict: HostRules = { trustedOrigins: [] };
const refusal = expect.objectContaining({ code: 'DOWNLOAD_HOST_NOT_ALLOWED' });
const allow = (address: string, rules = strict) => assertAllowed(new URL(address), rules);

describe('addresses of downloads', () => {
  test.each([
    'https://zoom.us/rec/download/x',
    'https://us02web.zoom.us/rec/download/x',
    'https://ZOOM.US/rec',
    'https://file.eu.zoom.us:443/x',
    'https://zoomgov.com/x',
    'https://api.zoomgov.com/x',
  ])('%s is one of Zoom', (address) => {
    expect(() => allow(address)).not.toThrow();
  });

  test.each([
    'http://zoom.us/rec',
    'ftp://zoom.us/rec',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://notzoom.us/',
    'https://zoom.us.evil.example/',
    'https://zoom.us./',
    'https://evil.example/zoom.us',
    'https://zoom.us@evil.example/',
    'https://user:pass@zoom.us/',
    'https://zoom.us:8443/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:169.254.169.254]/',
    'https://xn--zom-qma.us/',
  ])('%s is refused', (address) => {
    expect(() => allow(address)).toThrow(refusal);
  });

  test('a trusted origin is let through, and nothing beside it', () => {
    const rules = { trustedOrigins: ['http://127.0.0.1:4010', 'not an origin'] };
    expect(() => allow('http://127.0.0.1:4010/rec/x', rules)).not.toThrow();
    expect(() => allow('http://127.0.0.1:4011/rec/x', rules)).toThrow(refusal);
    expect(() => allow('https://127.0.0.1:4010/rec/x', rules)).toThrow(refusal);
    expect(() => allow('http://127.0.0.1:4010@evil.example/', rules)).toThrow(refusal);
    expect(() => allow('ftp://127.0.0.1:4010/x', rules)).toThrow(refusal);
  });

  test('the refusal names the origin and not the signed rest', () => {
    expect(() => allow('https://evil.example/f?Signature=abc')).toThrow(/^(?!.*Signature).*https:\/\/evil\.example/);
  });
});

describe('addresses that names resolve to', () => {
  test.each(['8.8.8.8', '170.114.0.1', '100.63.255.255', '172.32.0.1', '2600:1f18::1', '2a00:1450:4001::5'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.0.1', '169.254.169.254'],
    ...['169.254.170.2', '172.16.0.1', '172.31.255.255', '192.0.0.8', '192.168.1.1', '198.18.0.1', '224.0.0.1'],
    ...['240.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1'],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
      '::7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:0:7f00:1::',
      '2001:db8::1',
    ],
    ...['', 'zoom.us', '1.2.3', '0x7f.0.0.1'],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test('no address inside the reserved networks is public', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.constantFrom('10', '127', '192.168', '169.254'), octet, octet, octet, (net, b, c, d) => {
        const address = [net, b, c, d].join('.').split('.').slice(0, 4).join('.');
        expect(isPublicAddress(address)).toBe(false);
        expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
      }),
    );
  });

  const resolvingTo = (addresses: LookupAddress[]): HostRules => ({
    trustedOrigins: [],
    resolve: ((_name: string, _options: object, done: (error: null, found: LookupAddress[]) => void) =>
      done(null, addresses)) as unknown as NonNullable<HostRules['resolve']>,
  });
  const lookUp = (addresses: LookupAddress[], all: boolean): Promise<unknown> =>
    new Promise((resolve, reject) =>
      publicLookup(resolvingTo(addresses))('files.zoom.us', { all }, (error, address) =>
        error ? reject(error) : resolve(address),
      ),
    );
  const [outside, inside] = [
    { address: '8.8.8.8', family: 4 },
    { address: '10.0.0.7', family: 4 },
  ];

  test('a name with public addresses connects', async () => {
    expect(await lookUp([outside], true)).toEqual([outside]);
    expect(await lookUp([outside], false)).toBe('8.8.8.8');
  });

  test('a name with a single private address among them does not', async () => {
    await expect(lookUp([outside, inside], true)).rejects.toMatchObject({ code: 'DOWNLOAD_HOST_NOT_ALLOWED' });
    await expect(lookUp([inside], false)).rejects.toMatchObject({ code: 'DOWNLOAD_HOST_NOT_ALLOWED' });
    await expect(lookUp([], true)).rejects.toMatchObject({ code: 'DOWNLOAD_HOST_NOT_ALLOWED' });
  });
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Mail } from '../../../core/mail/mail.ts';
import { sendEach, type SendPorts } from '../../../core/mail/send-each.ts';
import { mailWorld } from '../../fakes/mail-world.ts';

type Jobs = SendPorts['jobs'];
const claimLastsMs = 60_000;
const readers = ['ada', 'bob', 'carla', 'dan'].map((name) => ({
  role: 'also' as const,
  address: `${name}@example.org`,
}));

/** A run that is killed at its n-th call to anything, before that call or after it. */
const killedAt = (ports: SendPorts, call: number, isAfter: boolean): { ports: SendPorts; inWindow: () => string[] } => {
  let count = 0;
  const unmarked: string[] = [];
  const mortal =
    <Args extends unknown[], Result>(name: string, work: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      count += 1;
      const dies = count === call;
      if (count > call) return new Promise<never>(() => undefined);
      if (dies && !isAfter) return new Promise<never>(() => undefined);
      const result = await work(...args);
      if (name === 'send') unmarked.push((args[0] as Mail).to);
      if (name === 'mailSent') unmarked.pop();
      return dies ? new Promise<never>(() => undefined) : result;
    };
  return {
    inWindow: () => unmarked,
    ports: {
      ...ports,
      jobs: {
        ...ports.jobs,
        claimMail: mortal('claimMail', (...args: Parameters<Jobs['claimMail']>) => ports.jobs.claimMail(...args)),
        mailSent: mortal('mailSent', (...args: Parameters<Jobs['mailSent']>) => ports.jobs.mailSent(...args)),
      },
      mailer: { send: mortal('send', (mail: Mail) => ports.mailer.send(mail)) },
    },
  };
};

test('wherever runs are killed, each reader gets the mail, and twice only who was being told at that moment', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ call: fc.integer({ min: 1, max: 12 }), isAfter: fc.boolean() }), { maxLength: 4 }),
      async (deaths) => {
        const clock = { ms: Date.parse('2026-01-12T16:00:00Z') };
        const world = mailWorld(() => new Date(clock.ms), claimLastsMs);
        const write = () => Promise.resolve({ jobId: 'zoom-1', subject: 's', text: 't', html: 'h', headers: {} });
        const toSend = { jobId: 'zoom-1', kind: 'summary' as const, readers, write };
        const maybeTwice: string[] = [];
        for (const { call, isAfter } of deaths) {
          const { ports, inWindow } = killedAt(world.ports, call, isAfter);
          // What is killed never answers; all it does on the way is done when the queue of tasks is empty.
          await Promise.race([
            sendEach(ports)(toSend).catch(() => undefined),
            new Promise<void>((resolve) => void setImmediate(resolve)),
          ]);
          maybeTwice.push(...inWindow());
          clock.ms += claimLastsMs + 1;
        }
        expect(await sendEach(world.ports)(toSend)).toEqual({ reached: readers.length });
        for (const { address } of readers) {
          const got = world.sent.filter(({ to }) => to === address).length;
          const most = 1 + maybeTwice.filter((one) => one === address).length;
          expect([address, got >= 1, got <= most]).toEqual([address, true, true]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

import { randomInt } from 'node:crypto';

/** In 127.16.0.0 to 127.250.255.255: every process of this machine may listen there, and nobody else does. */
export const openAddresses = (taken: Iterable<string>) => {
  const used = new Set(taken);
  // Two clouds on one machine begin at different places.
  const [second, third] = [randomInt(16, 251), randomInt(0, 256)];
  let next = 0;
  return (): string => {
    for (;;) {
      const host = next;
      next += 1;
      const address = `127.${second}.${(third + Math.floor(host / 253)) % 256}.${(host % 253) + 2}`;
      if (used.has(address)) continue;
      used.add(address);
      return address;
    }
  };
};

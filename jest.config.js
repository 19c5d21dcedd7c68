/**
 * The suites that need Node alone: `npm test`. Those with programs from elsewhere are in jest.programs.config.js, kill,
 * load and random runs in jest.long.config.js.
 */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/long/', '/test/browser/', '/test/clients/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  // jest ends with its own summary; the reporter adds the one line that CI reads.
  reporters: ['default', '<rootDir>/test/closing-line.cjs'],
  // One worker a core; most of what runs here waits for disks and sockets now and then.
  maxWorkers: '100%',
  testTimeout: 20_000,
};

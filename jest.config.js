/** The short suites: `npm test`. Kill, load and random runs live in jest.long.config.js. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/long/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  // jest ends with its own summary; the reporter adds the one line that CI reads.
  reporters: ['default', '<rootDir>/test/closing-line.cjs'],
  testTimeout: 20_000,
};

import short from './jest.config.js';

/** The suites with programs that are not ours: `npm run test:programs`. What is not installed is said and skipped, except in CI. */
export default {
  ...short,
  testMatch: ['<rootDir>/test/{browser,clients}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};

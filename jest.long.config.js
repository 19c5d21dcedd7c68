import short from './jest.config.js';

/** Kill, load and random-sequence runs: `npm run test:long`. */
export default {
  ...short,
  testMatch: ['<rootDir>/test/long/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 600_000,
};

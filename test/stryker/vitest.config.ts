import { defineConfig } from 'vitest/config';

// Stryker runs tests in threads, where a test cannot set the time zone that it needs to be sure that none matters.
process.env.TZ = 'America/New_York';

export default defineConfig({
  test: {
    include: [
      'test/{notification,upload,ledger,digest}/**/*.test.ts',
      'test/properties/**/*.test.ts',
      'test/fuzz/parser.test.ts',
    ],
    testTimeout: 60_000,
  },
});

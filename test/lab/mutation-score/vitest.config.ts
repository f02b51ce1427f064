import { defineConfig } from 'vitest/config';
import { EMULATED } from './pure-files.ts';

// Stryker runs tests in threads, where a test cannot set the time zone that it needs to be sure that none matters.
process.env.TZ = 'America/New_York';

/** Folder of the stage that is mutated; without one, all. */
const stage = process.env.MUTATED_STAGE ?? '{notification,upload,ledger,digest}';

export default defineConfig({
  test: {
    include: [`test/${stage}/**/*.test.ts`],
    exclude: EMULATED,
    testTimeout: 60_000,
  },
});

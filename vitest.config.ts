import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/assembly.ts'],
    // Emulators and bundles start inside hooks; two busy cores need room. No test asserts on elapsed time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

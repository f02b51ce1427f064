import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/assembly.ts'],
    // As many as there are cores: many tests wait for an emulator, and the default of one less leaves half of a machine of two idle.
    maxWorkers: '100%',
    // Emulators and bundles start inside hooks; two busy cores need room. No test asserts on elapsed time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

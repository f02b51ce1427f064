import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/assembly.ts'],
    // One more than there are cores: many tests wait for an emulator, where one less, as it is by default, leaves a machine of two idle.
    maxWorkers: availableParallelism() + 1,
    // Emulators and bundles start inside hooks; two busy cores need room. No test asserts on elapsed time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

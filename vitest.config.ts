import { defineConfig } from 'vitest/config';

/**
 * What `npm test` runs of the system tests: uploads through the whole local stack, proved record by record, simulated days,
 * and what holds the simulated services against the emulators.
 */
const PROOF = [
  'test/system/end-to-end/burst.test.ts',
  'test/system/simulation/simulation.test.ts',
  'test/system/simulation/{contract,services}/*.test.ts',
];

export default defineConfig({
  test: {
    // As many as there are cores: many tests wait for an emulator, and the default of one less leaves half of a machine of two idle.
    maxWorkers: '100%',
    // Emulators and bundles start inside hooks; two busy cores need room. No test asserts on elapsed time.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    globalSetup: ['test/setup/assembly.ts'],
    // Whatever this machine's AWS configuration asks for: the endpoints of tests have neither form.
    env: { AWS_USE_FIPS_ENDPOINT: 'false', AWS_USE_DUALSTACK_ENDPOINT: 'false' },
    projects: [
      {
        // Test files share their worker's modules: to load the CDK and the SDK again for each file would take longer than the tests.
        extends: true,
        test: { name: 'quick', include: ['test/**/*.test.ts'], exclude: ['test/system/**'], isolate: false },
      },
      { extends: true, test: { name: 'proof', include: PROOF } },
      // Child processes of the CDK, Chromium, the whole local stack, kills.
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          exclude: PROOF,
          globalSetup: ['test/setup/system-assemblies.ts'],
        },
      },
    ],
  },
});

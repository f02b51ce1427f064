import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureAssembly } from '../../src/local/assembly.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The synthesized stack, or why there is none. Read it through `assemblyDirectory()`. */
    assembly: { readonly directory: string } | { readonly fault: string };
  }
}

/** Where tests keep synthesized stacks, apart from those of the local stack and of deployments. */
export const TEST_ASSEMBLIES = path.resolve(import.meta.dirname, '../../.cache/assembly-test');

/**
 * Synthesizes the stack once for all test files, as it would be deployed.
 *
 * A stack that does not synthesize fails the tests that ask for it and no others: those of a single stage still tell what
 * they know.
 */
export default async function setup(project: TestProject): Promise<void> {
  try {
    project.provide('assembly', { directory: await ensureAssembly({ outputDirectory: TEST_ASSEMBLIES }) });
  } catch (error) {
    project.provide('assembly', { fault: error instanceof Error ? error.message : String(error) });
  }
}

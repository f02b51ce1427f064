import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureAssembly } from '../../src/local/assembly.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The synthesized stack, or why there is none. Read it through `assemblyDirectory()`. */
    assembly: { readonly directory: string } | { readonly error: string };
    /** An empty directory, removed after all tests. */
    scratchDirectory: string;
  }
}

/** Where tests keep synthesized stacks, apart from those of the local stack and of deployments. */
export const TEST_ASSEMBLIES = path.resolve(import.meta.dirname, '../../.cache/assembly-test');

/**
 * Synthesizes the stack once for all test files, as it would be deployed.
 *
 * If the stack does not synthesize, only the tests that ask for it fail.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const scratchDirectory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-tests-'));
  project.provide('scratchDirectory', scratchDirectory);
  try {
    project.provide('assembly', { directory: await ensureAssembly({ outputDirectory: TEST_ASSEMBLIES }) });
  } catch (error) {
    project.provide('assembly', { error: error instanceof Error ? error.message : String(error) });
  }
  return () => rmSync(scratchDirectory, { recursive: true, force: true });
}

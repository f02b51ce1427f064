import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureAssembly } from '../../src/local/assembly.ts';
import { CONTEXTS, type ContextName } from './contexts.ts';

type Assembly = { readonly directory: string } | { readonly error: string };
type Assemblies = Readonly<Record<string, Assembly>>;

declare module 'vitest' {
  interface ProvidedContext {
    /** The default stack, synthesized, or why it is missing. Read it through `assemblyDirectory()`. */
    assemblies: Assemblies;
    /** The other stacks of {@link CONTEXTS}, for the system tests. */
    systemAssemblies: Assemblies;
    /** An empty directory, removed after all tests. */
    scratchDirectory: string;
  }
}

/** Where tests keep synthesized stacks, apart from those of the local stack and of deployments. */
const TEST_ASSEMBLIES = path.resolve(import.meta.dirname, '../../.cache/assembly-test');

/**
 * Synthesizes the stack once for all test files, as it would be deployed.
 *
 * If the stack does not synthesize, only the tests that ask for it fail.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const scratchDirectory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-tests-'));
  project.provide('scratchDirectory', scratchDirectory);
  project.provide('assemblies', await assembliesOf(['default']));
  return () => rmSync(scratchDirectory, { recursive: true, force: true });
}

/** The assemblies with these settings, each synthesized unless an earlier run has left it. */
export async function assembliesOf(names: readonly ContextName[]): Promise<Assemblies> {
  const assemblies: Record<string, Assembly> = {};
  for (const name of names) assemblies[name] = await assemblyOf(CONTEXTS[name]);
  return assemblies;
}

async function assemblyOf(context: Readonly<Record<string, string>>): Promise<Assembly> {
  try {
    return { directory: await ensureAssembly({ outputDirectory: TEST_ASSEMBLIES, context, synthesize }) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** The CDK is loaded only when an assembly is missing. */
async function synthesize(directory: string, context: Readonly<Record<string, string>>): Promise<void> {
  const { synthesizeHere } = await import('./synthesize.ts');
  synthesizeHere(directory, context);
}

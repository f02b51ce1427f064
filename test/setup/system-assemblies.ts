import type { TestProject } from 'vitest/node';
import { assembliesOf } from './assembly.ts';
import { CONTEXTS, type ContextName } from './contexts.ts';

/** Synthesizes every stack that a system test runs, all in this process. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('systemAssemblies', await assembliesOf(Object.keys(CONTEXTS) as ContextName[]));
}

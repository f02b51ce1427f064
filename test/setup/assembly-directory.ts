import { inject } from 'vitest';

/**
 * Directory of the default stack's assembly, synthesized before the tests began.
 *
 * @throws Error with what the CDK said, when the stack did not synthesize.
 */
export function assemblyDirectory(): string {
  const assembly = inject('assembly');
  if ('error' in assembly) throw new Error(assembly.error);
  return assembly.directory;
}

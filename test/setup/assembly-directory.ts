import { inject } from 'vitest';
import type { ContextName } from './contexts.ts';

/**
 * Directory of a stack's assembly, synthesized before the tests began. Tests outside `test/system` have the default
 * one alone.
 *
 * @throws Error with what the CDK said, when the stack did not synthesize.
 */
export function assemblyDirectory(name: ContextName = 'default'): string {
  const assembly = (name === 'default' ? inject('assemblies') : inject('systemAssemblies'))?.[name];
  if (assembly === undefined) throw new TypeError(`Only the system tests have the assembly "${name}".`);
  if ('error' in assembly) throw new Error(assembly.error);
  return assembly.directory;
}

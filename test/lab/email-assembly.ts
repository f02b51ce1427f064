import path from 'node:path';
import { ensureAssembly } from '../../src/local/assembly.ts';
import { CONTEXTS } from '../setup/contexts.ts';

/** Directory of the assembly of a stack with email, for tools that run outside the test runner. */
export function emailAssembly(): Promise<string> {
  const outputDirectory = path.resolve(import.meta.dirname, '../../.cache/assembly-lab');
  return ensureAssembly({ outputDirectory, context: CONTEXTS.email });
}

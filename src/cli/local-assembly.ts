import path from 'node:path';
import { ensureAssembly } from '../local/assembly.ts';
import { checkoutDirectory } from './checkout.ts';
import type { CliContext } from './context.ts';

/**
 * The synthesized stack of this checkout. Synthesizing takes some seconds, and happens only after a change.
 *
 * @throws UploadLedgerError `synth-failed` with what is wrong with the settings or the code.
 */
export async function localAssembly({ stderr }: CliContext): Promise<string> {
  const slow = setTimeout(() => void stderr.line('Synthesizing the stack (only after a change) ...'), 500);
  try {
    return await ensureAssembly({ outputDirectory: path.join(checkoutDirectory(), '.cache', 'assembly') });
  } finally {
    clearTimeout(slow);
  }
}

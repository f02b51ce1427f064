import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureAssembly } from '../local/assembly.ts';
import { checkoutDirectory } from './checkout.ts';
import type { CliContext } from './context.ts';

/**
 * What the local commands set of email, where a deployment by default sends none: one digest and one alert, so that people see them.
 *
 * Given to the synthesis like any other setting (`cdk synth -c digests=...`): the template, the function and the schedule are those that
 * a deployment with these settings would have. The emails stand in the local inbox and go nowhere else.
 */
export const LOCAL_EMAIL: Readonly<Record<string, string>> = {
  emailSender: 'ledger@example.com',
  digests: JSON.stringify([{ name: 'local', schedule: 'rate(15 minutes)', recipients: ['team@example.com'] }]),
  // A presigned PUT or a part of a multipart upload is seldom that large in a demonstration: the alert is for what stands out.
  alerts: JSON.stringify([{ name: 'large-files', minimumBytes: 5_000_000, recipients: ['on-call@example.com'] }]),
};

/**
 * The synthesized stack of this checkout, with a digest and an alert unless cdk.json has its own. Synthesizing takes some seconds, and
 * happens only after a change.
 *
 * @throws UploadLedgerError `synth-failed` with what is wrong with the settings or the code.
 */
export async function localAssembly({ stderr }: CliContext): Promise<string> {
  const slow = setTimeout(() => void stderr.line('Synthesizing the stack (only after a change) ...'), 500);
  try {
    const outputDirectory = path.join(checkoutDirectory(), '.cache', 'assembly');
    return await ensureAssembly({ outputDirectory, context: (await hasEmail()) ? {} : LOCAL_EMAIL });
  } finally {
    clearTimeout(slow);
  }
}

/** Whether the checkout's cdk.json says anything of email: then nothing is added to it. */
async function hasEmail(): Promise<boolean> {
  const { context = {} } = JSON.parse(await readFile(path.join(checkoutDirectory(), 'cdk.json'), 'utf8'));
  return Object.keys(LOCAL_EMAIL).some((setting) => Object.hasOwn(context, setting));
}

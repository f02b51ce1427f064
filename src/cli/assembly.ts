import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULTS } from '../contract/defaults.ts';
import { FORWARDED_URL, LEDGER_EVENT_TYPES, type LedgerEventType } from '../contract/events.ts';
import { checkoutDirectory, isCheckout } from './checkout.ts';
import type { CliContext } from './context.ts';

/** Milliseconds after which the user is told what takes so long. */
const SLOW_MS = 500;

/**
 * The email settings of the local commands: one digest and one alert, where a deployment has none by default. They
 * reach the synthesis as `-c` settings of a deployment would, so the template is the one that a deployment would have.
 * All emails stay in the local inbox.
 */
export const LOCAL_EMAIL: Readonly<Record<string, string>> = {
  emailSender: 'ledger@example.com',
  digests: JSON.stringify([{ name: 'local', schedule: 'rate(15 minutes)', recipients: ['team@example.com'] }]),
  // Few uploads of a demonstration are that large: an alert should be rare.
  alerts: JSON.stringify([{ name: 'large-files', minimumBytes: 5_000_000, recipients: ['on-call@example.com'] }]),
};

/**
 * Synthesizes the stack of this checkout into `.cache/<folder>`. It takes some seconds, and happens only after a
 * change.
 *
 * @param settings Over those of cdk.json.
 * @returns the directory of the assembly.
 * @throws UploadLedgerError `synth-failed` with everything that is wrong with the settings or the code.
 */
export async function synthesize(
  folder: string,
  settings: Readonly<Record<string, string>>,
  { stderr, clock }: CliContext,
): Promise<string> {
  const { ensureAssembly } = await import('../local/assembly.ts');
  const cancel = clock.after(SLOW_MS, () => void stderr.line('Synthesizing the stack (only after a change) ...'));
  try {
    return await ensureAssembly({
      outputDirectory: path.join(checkoutDirectory(), '.cache', folder),
      context: settings,
    });
  } finally {
    cancel();
  }
}

/**
 * The template that this checkout would deploy under this name, without `-c`.
 *
 * @returns Undefined where there is no checkout, or it deploys another stack.
 */
export async function checkoutTemplate(stackName: string = '', context: CliContext): Promise<string | undefined> {
  if (!isCheckout() || (await cdkSettings()).stackName !== stackName) return undefined;
  const assembly = await synthesize('assembly-estimate', {}, context);
  return readFile(path.join(assembly, `${stackName}.template.json`), 'utf8');
}

/** What cdk.json says, and the name of the stack if it says none. */
async function cdkSettings(): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path.join(checkoutDirectory(), 'cdk.json'), 'utf8');
  return { stackName: DEFAULTS.stackName, ...JSON.parse(text).context };
}

/**
 * The stack that the local commands run: with {@link LOCAL_EMAIL}, unless cdk.json has email settings of its own.
 *
 * @param isForwarding Whether it has a webhook for all events, at {@link FORWARDED_URL}.
 */
export async function localAssembly(context: CliContext, isForwarding = false): Promise<string> {
  const settings = await cdkSettings();
  const hasEmail = Object.keys(LOCAL_EMAIL).some((setting) => Object.hasOwn(settings, setting));
  const email = hasEmail ? {} : LOCAL_EMAIL;
  const webhooks = isForwarding ? { webhooks: withForwarding({ ...settings, ...email }) } : {};
  return synthesize('assembly', { ...email, ...webhooks }, context);
}

/** The webhooks of the settings, and one for every event that there can be. */
export function withForwarding(settings: Readonly<Record<string, unknown>>): string {
  const events = LEDGER_EVENT_TYPES.filter((type) => {
    const needed = NEEDED_SETTINGS[type];
    return needed === undefined || listOf(settings[needed]).length > 0;
  });
  const webhooks = listOf(settings.webhooks);
  const forwarding = { name: freeName(webhooks), url: FORWARDED_URL, secretName: 'forward', events };
  return JSON.stringify([...webhooks, forwarding]);
}

/** A setting that is a list, or the JSON text of one. What is no list is one item, for the synthesis to refuse. */
function listOf(setting: unknown = []): readonly unknown[] {
  if (typeof setting !== 'string') return [setting].flat();
  try {
    return [JSON.parse(setting)].flat();
  } catch {
    return [setting];
  }
}

/** `forward`, with a number when the settings have such a webhook. Names that differ only in case are equal. */
function freeName(webhooks: readonly unknown[]): string {
  const names = webhooks.map((webhook) => String(Object(webhook).name).toLowerCase());
  let name = 'forward';
  for (let number = 2; names.includes(name); number += 1) name = `forward-${number}`;
  return name;
}

/** Settings without which a webhook cannot ask for these events. */
const NEEDED_SETTINGS: Partial<Record<LedgerEventType, string>> = { AlertRaised: 'alerts', DigestReady: 'digests' };

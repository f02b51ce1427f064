import { ENVIRONMENT } from '../../contract/environment.ts';
import { matchesRule, parseAlertRules } from '../../digest/alerts/alert-rules.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { ReceivedEmail } from '../../local/servers/mail-server.ts';
import type { LocalStack } from '../../local/stack.ts';

/** What the emails of a run say, read from their texts as their readers would. */
export interface Told {
  /** Of the first digest of the stack, oldest first: their texts. */
  readonly digests: readonly string[];
  /** Texts of the alerts, oldest first. */
  readonly alerts: readonly string[];
  /** Uploads, bytes and deletes that the digests tell of, together. */
  readonly uploads: number;
  readonly bytes: number;
  readonly deletes: number;
}

/**
 * Reads what the stack has sent.
 *
 * @param earlier Emails that stood in the inbox before: servers of one process share it.
 */
export async function readTold({ servers, resources }: LocalStack, earlier: number): Promise<Told> {
  const emails = (await servers.mail.emails()).slice(earlier);
  // One email goes to each recipient: those to the first of them are all there is.
  const [digest] = resources.schedules.map(({ input }) => JSON.parse(input).digest);
  const digests = emails.filter((email) => isOf(email, `Digest ${digest?.name}`, digest?.recipients));
  const rules = resources.functions.flatMap(({ environment }) => parseAlertRules(environment[ENVIRONMENT.alertRules]));
  const alerts = rules.flatMap(({ name, recipients }) =>
    emails.filter((email) => isOf(email, `Alert ${name}`, recipients)),
  );
  const sum = (label: string) => digests.reduce((all, { body }) => all + figure(body.text ?? '', label), 0);
  return {
    digests: digests.map(({ body }) => body.text ?? ''),
    alerts: alerts.map(({ body }) => body.text ?? ''),
    uploads: sum('Uploads'),
    bytes: sum('Bytes'),
    deletes: sum('Deletes'),
  };
}

/** Uploads that a rule of the stack's alerts asks to be told of. */
export function countAlerting({ resources }: LocalStack, records: readonly LedgerRecord[]): number {
  const rules = resources.functions.flatMap(({ environment }) => parseAlertRules(environment[ENVIRONMENT.alertRules]));
  const uploads = records.filter(({ status }) => status === 'uploaded');
  return uploads.filter((record) => rules.some((rule) => matchesRule(record, rule))).length;
}

/** The line under the headline says which digest or alert an email is. */
function isOf({ destination, body }: ReceivedEmail, line: string, recipients: readonly string[] = []): boolean {
  const [first = ''] = recipients;
  return destination.to.includes(first) && (body.text ?? '').split('\n').includes(line);
}

/** The figure behind a label of the totals; 0 without the label. */
function figure(text: string, label: string): number {
  const [, digits = '0'] = new RegExp(`^${label} +([\\d,]+)$`, 'm').exec(text) ?? [];
  return Number(digits.replaceAll(',', ''));
}

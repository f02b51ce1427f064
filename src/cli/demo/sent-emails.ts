import { matchesRule } from '../../digest/alerts/alert-rules.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { ReceivedEmail } from '../../local/servers/mail-server.ts';
import type { LocalStack } from '../../local/stack.ts';

/** What the emails of a run say, read from their texts as their recipients would. */
export interface SentEmails {
  /** Texts of the stack's first digest, oldest first. */
  readonly digests: readonly string[];
  /** Texts of the alerts, oldest first. */
  readonly alerts: readonly string[];
  /** Totals of the digests together. */
  readonly uploads: number;
  readonly bytes: number;
  readonly deletes: number;
}

/**
 * Reads what the stack has sent.
 *
 * @param earlier Emails that were in the inbox before: servers of one process share it.
 */
export async function readSentEmails({ servers, email: settings }: LocalStack, earlier: number): Promise<SentEmails> {
  const emails = (await servers.mail.emails()).slice(earlier);
  // One email goes to each recipient: the emails to the first are one of each.
  const [digest] = settings?.digests ?? [];
  const digests = emails.filter((email) => isOf(email, `Digest ${digest?.name}`, digest?.recipients));
  const alerts = (settings?.alerts ?? []).flatMap(({ name, recipients }) =>
    emails.filter((email) => isOf(email, `Alert ${name}`, recipients)),
  );
  const total = (label: string) => digests.reduce((sum, email) => sum + (figureIn(email, label) ?? 0), 0);
  return {
    digests: digests.map(({ body }) => body.text ?? ''),
    alerts: alerts.map(({ body }) => body.text ?? ''),
    uploads: total('Uploads'),
    bytes: total('Size'),
    deletes: total('Objects deleted'),
  };
}

/** The whole number behind a label of an email's totals, such as `Uploads`; that of `Size` is of bytes. */
export function figureIn({ body }: ReceivedEmail, label: string): number | undefined {
  const [, digits] =
    new RegExp(`^${label} +(?:[\\d.]+ \\w+ \\()?([\\d,]+)(?: B| bytes\\))?$`, 'm').exec(body.text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
}

/** How many of the uploads an alert rule of the stack asks for. */
export function countAlerting({ email }: LocalStack, records: readonly LedgerRecord[]): number {
  const rules = email?.alerts ?? [];
  const uploads = records.filter(({ status }) => status === 'uploaded');
  return uploads.filter((record) => rules.some((rule) => matchesRule(record, rule))).length;
}

/** The line under the headline names the digest or the alert. */
function isOf({ destination, body }: ReceivedEmail, line: string, recipients: readonly string[] = []): boolean {
  const [first = ''] = recipients;
  return destination.to.includes(first) && (body.text ?? '').split('\n').includes(line);
}

import { figureIn } from '../../../../src/cli/demo/sent-emails.ts';
import type { ReceivedEmail } from '../../../../src/local/servers/mail-server.ts';
import type { DeliveryCounts } from '../deliveries.ts';
import type { ModelItem } from '../model-record.ts';
import type { Violation } from '../violation.ts';

/** What one digest email says. Times in epoch milliseconds, to the second. */
export interface SentDigest {
  readonly since: number;
  readonly until: number;
  readonly uploads: number;
}

const PERIOD = /^(\d+ \w+ \d+), ([\d:]+)(?: UTC)? to (?:(\d+ \w+ \d+), )?([\d:]+) UTC$/m;

/** Reads the emails of one digest as a person does. */
export function readDigests(emails: readonly ReceivedEmail[], digest: string): readonly SentDigest[] {
  const sent = emails.filter(({ body }) => body.text?.includes(`Digest ${digest}\n`));
  return sent.map((email) => {
    const [, since = '', from = '', until = since, to = ''] = PERIOD.exec(email.body.text ?? '') ?? [];
    return {
      since: Date.parse(`${since} ${from} UTC`),
      until: Date.parse(`${until} ${to} UTC`),
      uploads: figureIn(email, 'Uploads') ?? 0,
    };
  });
}

/**
 * Holds the digest's emails against the model.
 *
 * - What the batches' summaries hold together is at least every upload once (a batch whose summary is not stored comes back) and at
 *   most every upload as often as it was delivered (a batch that dies after its summary comes back too).
 * - The emails tell exactly that. One may come twice, or overlap the next, when its sender died before the watermark moved; so of the
 *   emails whose windows do not overlap, those that tell the most must tell all.
 */
export function checkDigests(
  model: ReadonlyMap<string, ModelItem>,
  items: readonly ModelItem[],
  sent: readonly SentDigest[],
  { records }: Pick<DeliveryCounts, 'records'>,
): readonly Violation[] {
  const uploads = [...model.values()].filter(({ status }) => textOf(status) === 'uploaded').length;
  const summed = items.reduce((sum, { summary }) => sum + uploadsIn(textOf(summary)), 0);
  const best = mostWithoutOverlap(sent);
  const unread = sent.find(({ since, until }) => Number.isNaN(since) || Number.isNaN(until));
  return [
    ...(summed < uploads
      ? [{ what: `the summaries hold ${summed} uploads, fewer than the ${uploads} there were` }]
      : []),
    ...(summed > records ? [{ what: `the summaries hold ${summed} uploads, more than the ${records} delivered` }] : []),
    ...(best !== summed ? [{ what: `the digests tell of ${best} uploads, the summaries of ${summed}` }] : []),
    ...(unread !== undefined ? [{ what: `a digest has no readable period: ${JSON.stringify(unread)}` }] : []),
  ];
}

/** The most uploads that emails tell of whose windows do not overlap. */
function mostWithoutOverlap(sent: readonly SentDigest[]): number {
  const byEnd = sent.toSorted((a, b) => a.until - b.until);
  const best: number[] = [];
  for (const [index, { since, uploads }] of byEnd.entries()) {
    const before = byEnd.findLastIndex(({ until }, other) => other < index && until <= since);
    best.push(Math.max(best[index - 1] ?? 0, uploads + (best[before] ?? 0)));
  }
  return best.at(-1) ?? 0;
}

function uploadsIn(summary: string): number {
  if (summary === '') return 0;
  return (JSON.parse(summary) as { readonly uploads: readonly [count: number, bytes: number] }).uploads[0];
}

function textOf(value: ModelItem[string] | undefined): string {
  return value !== undefined && 'S' in value ? value.S : '';
}

import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES } from '../../contract/quarantine.ts';
import type { LocalStack } from '../../local/stack.ts';
import { systemClock } from '../../shared/clock.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { type DemoPlan, POISON } from './plan.ts';
import { compareRecords, type DemoSummary } from './proof.ts';
import { type ObjectHistories, runSteps } from './run-steps.ts';
import { countAlerting, readSentEmails, type SentEmails } from './sent-emails.ts';
import { readDeadLetters, readRecords, sumMetrics } from './stack-contents.ts';

/** What a demo has proved, and the emails that it caused. */
export interface DemoRun {
  readonly summary: DemoSummary;
  readonly emails: SentEmails;
}

interface DemoProgress {
  /** Called after each step of the plan. */
  readonly onStep?: () => void;
  /** Called after the last step. */
  readonly onUploaded?: () => void;
}

/**
 * Runs the plan against a running stack, waits until everything is recorded, asks for the digest where the stack has
 * one, and compares the ledger and the emails with what was done.
 */
export async function runDemo(stack: LocalStack, plan: DemoPlan, progress: DemoProgress = {}): Promise<DemoRun> {
  const startedAt = systemClock.monotonic();
  const earlierEmails = (await stack.servers.mail.emails()).length;
  const done: ObjectHistories = new Map();
  const options = { done, onStep: progress.onStep };
  await Promise.all([runSteps(plan.burst, stack, options), sendPoison(stack)]);
  await runSteps(plan.afterwards, stack, options);
  progress.onUploaded?.();
  await stack.drained();
  const drainSeconds = (systemClock.monotonic() - startedAt) / SECOND_MS;
  if ((await stack.scheduler.tickNow()).length > 0) await stack.drained();
  const emails = await readSentEmails(stack, earlierEmails);
  return { summary: await summarise(stack, done, emails, drainSeconds), emails };
}

async function sendPoison({ clients, queueUrl }: LocalStack): Promise<void> {
  for (const { body } of POISON) {
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
  }
}

async function summarise(
  stack: LocalStack,
  done: ObjectHistories,
  emails: SentEmails,
  drainSeconds: number,
): Promise<DemoSummary> {
  const records = await readRecords(stack);
  const { missing, unexpected, misordered } = compareRecords(done, records);
  const changes = [...done.values()].flat();
  const count = (status: string, all: readonly { readonly status: string }[]) =>
    all.filter((one) => one.status === status).length;
  const metrics = sumMetrics(stack.metrics);
  const deleted = count('deleted', changes);
  const { duplicates } = stack.notifier.counts();
  // A digest counts an upload twice when its notification came twice, in different batches.
  const repeats = duplicates - (metrics.DuplicatesCollapsed ?? 0);
  const repeatedUploads = emails.digests.length === 0 ? 0 : repeats - (emails.deletes - deleted);
  return {
    uploaded: count('uploaded', changes),
    recorded: count('uploaded', records),
    deleted,
    deletesRecorded: count('deleted', records),
    missing: missing.length,
    unexpected: unexpected.length,
    misordered: misordered.length,
    duplicatesCollapsed: duplicates,
    quarantined: await countQuarantined(stack),
    batches: stack.consumers.eventSources.reduce((sum, source) => sum + source.counters.batches, 0),
    drainSeconds: Math.round(drainSeconds * 10) / 10,
    digests: emails.digests.length,
    digestUploads: emails.uploads - repeatedUploads,
    digestRepeats: repeatedUploads,
    digestBytes: emails.bytes,
    alerts: emails.alerts.length,
    alertsExpected: countAlerting(stack, records),
    metrics,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Dead letters with the reasons that they were made for. Negative: so many have another reason. */
async function countQuarantined(stack: LocalStack): Promise<number> {
  const letters = await readDeadLetters(stack);
  const reasons: ReadonlySet<string> = new Set(POISON.map(({ reason }) => reason));
  const others = letters.filter(
    ({ messageAttributes }) => !reasons.has(messageAttributes[QUARANTINE_ATTRIBUTES.reason]?.StringValue ?? ''),
  );
  return others.length > 0 ? -others.length : letters.length;
}

import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { DeliveryGroup } from '../dead-letters/deliveries.ts';
import type { RedeliveryOptions, RedeliveryReport } from '../dead-letters/redeliver.ts';
import type { RuleRefusal } from '../dead-letters/webhook-rules.ts';
import { jsonLine } from '../shared/data-formats.ts';
import { formatCount, formatNumberOf } from '../shared/format.ts';
import { visibleText } from '../shared/text.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './errors.ts';
import { type OpenQueues, requireDeliveries } from './ledger-session.ts';
import { paint } from './output/output.ts';
import { runWithReport } from './output/progress.ts';
import { timeText } from './output/records.ts';
import { type Column, createTableWriter, type Detail, detailUnlessZero, writeDetails } from './output/table.ts';
import { cut } from './output/text-layout.ts';

/** `dlq list --queue deliveries`: by webhook and error. @returns whether there was nothing to list. */
export async function listDeliveries(
  messages: AsyncIterable<DeadLetter>,
  json: boolean | undefined,
  queues: OpenQueues,
  { stdout }: CliContext,
): Promise<boolean> {
  const { groupDeliveries } = await import('../dead-letters/deliveries.ts');
  const groups = await groupDeliveries(messages, requireDeliveries(queues.ledger).webhooks);
  const writeRow = createTableWriter(stdout, COLUMNS);
  for (const group of groups) {
    if (json) await stdout.line(jsonLine(groupJson(group)));
    else {
      await writeRow(group);
      const { id, detail = '' } = group.example;
      await stdout.line(paint(cut(`  such as ${visibleText(`${id}: ${detail}`)}`, stdout.width), 'dim', stdout));
    }
  }
  return groups.length === 0;
}

const COLUMNS: readonly Column<DeliveryGroup>[] = [
  { title: 'WEBHOOK', width: 19, text: ({ webhook }) => webhook ?? '-' },
  { title: 'ERROR', width: 24, text: ({ error }) => visibleText(error) },
  { title: 'EVENTS', width: 9, align: 'right', text: ({ count }) => formatCount(count) },
  {
    title: 'OLDEST (UTC)',
    width: 'rest',
    text: ({ oldest }) => (oldest === undefined ? '-' : timeText(oldest)),
    style: () => 'dim',
  },
];

function groupJson({ webhook, error, count, oldest, example: { id, detail } }: DeliveryGroup) {
  return {
    ...(webhook !== undefined && { webhook }),
    error,
    count,
    ...(oldest !== undefined && { oldest }),
    example: { id, ...(detail !== undefined && { detail }) },
  };
}

interface RedeliverOptions {
  readonly webhook?: string;
  readonly dryRun?: boolean;
  readonly rate?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

/** `dlq redrive --queue deliveries`: each failed delivery goes to the webhook that missed it, and to no other. */
export async function redeliverEvents(
  options: RedeliverOptions,
  queues: OpenQueues,
  context: CliContext,
): Promise<void> {
  const { eventBus, webhooks } = requireDeliveries(queues.ledger);
  const { webhook, rate, limit, dryRun = false } = options;
  if (webhook !== undefined && !webhooks.some(({ name }) => name === webhook)) {
    const names = webhooks.map(({ name }) => name).join(', ');
    throw new UsageError(`there is no webhook ${JSON.stringify(webhook)}; the stack has ${names}`);
  }
  const [{ redeliver }, { queueState }, calls] = await Promise.all([
    import('../dead-letters/redeliver.ts'),
    import('../dead-letters/queues.ts'),
    eventBridgeCalls(await queues.ledger.clients.eventbridge(), eventBus),
  ]);
  const run = (onProgress: (report: RedeliveryReport) => void) =>
    redeliver({
      deliveries: queues.deadLetters,
      ...calls,
      eventBus,
      webhooks,
      ...(webhook !== undefined && { webhook }),
      dryRun,
      ...(rate !== undefined && { rate }),
      ...(limit !== undefined && { limit }),
      clock: context.clock,
      signal: context.signal,
      onProgress,
    });
  const { visible } = await queueState(queues.deadLetters);
  await runWithReport(visible, run, (report) => writeReport(report, options, context), context);
}

type EventBridgeCalls = Pick<RedeliveryOptions, 'putEntries' | 'describeRule' | 'testPattern'>;

async function eventBridgeCalls(client: EventBridgeClient, EventBusName: string): Promise<EventBridgeCalls> {
  const { DescribeRuleCommand, PutEventsCommand, ResourceNotFoundException, TestEventPatternCommand } = await import(
    '@aws-sdk/client-eventbridge'
  );
  return {
    putEntries: async (Entries) => (await client.send(new PutEventsCommand({ Entries }))).Entries ?? [],
    describeRule: async (Name) => {
      try {
        const rule = await client.send(new DescribeRuleCommand({ Name, EventBusName }));
        const { Arn: arn = '', State, EventPattern: pattern } = rule;
        return { arn, isEnabled: State !== 'DISABLED', ...(pattern !== undefined && { pattern }) };
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    testPattern: async (EventPattern, Event) =>
      (await client.send(new TestEventPatternCommand({ EventPattern, Event }))).Result === true,
  };
}

async function writeReport(
  report: RedeliveryReport,
  { dryRun = false, json }: RedeliverOptions,
  context: CliContext,
): Promise<void> {
  const { stdout, stderr } = context;
  if (json) await stdout.line(jsonLine(reportJson(report, dryRun)));
  else await writeDetails(stdout, reportDetails(report, dryRun));
  const advice = adviceOf(report);
  if (advice !== undefined) await stderr.line(advice);
  if (report.notSent > 0 || report.notTaken.length > 0 || ['came-back', 'full'].includes(report.end))
    context.exitCode = 1;
}

function reportDetails(report: RedeliveryReport, isDryRun: boolean): Detail[] {
  const { looked, otherWebhook, unknown, otherFormat, notTaken, chosen, sent, notDeleted, notSent, cameBack } = report;
  const { firstRefusal = '' } = report;
  return [
    ['looked at', formatNumberOf(looked, 'message')],
    ...detailUnlessZero('other webhook', otherWebhook, ', left alone'),
    ...detailUnlessZero('no webhook', unknown, ', left alone: not an event for a webhook of this stack'),
    ...detailUnlessZero('other format', otherFormat, ', left alone: the webhook has another format now'),
    ...notTaken.map(({ webhook, reason, count }): Detail => {
      return ['not taken', `${formatCount(count)} of ${visibleText(webhook)}, left alone: ${RULE_REFUSALS[reason]}`];
    }),
    isDryRun ? ['would send', formatCount(chosen)] : ['sent again', formatCount(sent)],
    ...detailUnlessZero('refused', notSent, ` by EventBridge, left alone: ${visibleText(firstRefusal)}`),
    ...detailUnlessZero('not deleted', notDeleted, ', and sent: if they are sent again, their id is the same'),
    ...detailUnlessZero('came back', cameBack, ' to the queue'),
  ];
}

const RULE_REFUSALS: Readonly<Record<RuleRefusal, string>> = {
  'no-rule': 'its rule does not exist',
  'rule-disabled': 'its rule is disabled',
  'not-matched': 'its rule does not match them',
};

function notTakenAdvice(notTaken: RedeliveryReport['notTaken']): string | undefined {
  if (notTaken.length === 0) return undefined;
  const canBeRepaired = notTaken.some(({ reason }) => reason !== 'not-matched');
  return `What is not taken would be lost on the bus. ${
    canBeRepaired
      ? '"doctor" says how to repair a rule; then run it again.'
      : 'If it is from a table that was replaced, export and purge it.'
  }`;
}

function adviceOf({ end, notTaken }: RedeliveryReport): string | undefined {
  switch (end) {
    case 'empty':
    case 'limit':
      return notTakenAdvice(notTaken);
    case 'came-back':
      return 'Stopped: deliveries failed again. "dlq list --queue deliveries" says why; nothing more was sent.';
    case 'full':
      return 'Stopped: more messages stay behind than one run can read. Export and purge those.';
    case 'stopped':
      return 'Stopped between two calls; nothing is lost. Run it again to go on.';
  }
}

function reportJson(report: RedeliveryReport, isDryRun: boolean) {
  const { looked, otherWebhook, unknown, otherFormat, notTaken, chosen, sent, notDeleted, notSent, cameBack, end } =
    report;
  return {
    dry_run: isDryRun,
    looked,
    other_webhook: otherWebhook,
    unknown_webhook: unknown,
    other_format: otherFormat,
    not_taken: notTaken,
    would_send: chosen,
    sent,
    not_sent: notSent,
    not_deleted: notDeleted,
    came_back: cameBack,
    end,
  };
}

import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { MINUTE_MS } from '../../src/shared/time.ts';
import { type AlarmDefinition, above, FIVE_MINUTES } from './alarm-definition.ts';
import { countOf } from './ledger-metrics.ts';

/** What brings events to the ledger, and what takes its own events to other systems. */
export interface EventPaths {
  /** Names of the rules that bring events through EventBridge. */
  readonly ruleNames: readonly string[];
  /** What announces records, and the queue of what it could not announce. @default nothing is announced */
  readonly publisher?: { readonly function: IFunction; readonly failures: IQueue } | undefined;
  /** The queue of failed deliveries, and the rules of the webhooks. @default there are no webhooks */
  readonly webhooks?: Deliveries | undefined;
}

interface Deliveries {
  readonly deliveries: IQueue;
  readonly bus: { readonly eventBusName: string };
  readonly listed: readonly { readonly rule: string }[];
}

/**
 * EventBridge counts an event as failed when the queue has refused it for good; then it goes to the dead-letter queue,
 * unless that refuses it too.
 *
 * Source: EventBridge User Guide, "Monitoring Amazon EventBridge", metrics.
 */
export function ruleAlarms({ ruleNames }: EventPaths): AlarmDefinition[] {
  const rules = ruleNames.map((RuleName) => ({ RuleName }));
  if (rules.length === 0) return [];
  return [
    {
      id: 'EventsFail',
      summary: 'EventBridge could not send events to the uploads queue: look for them in the dead-letter queue.',
      commands: ['doctor', 'dlq list'],
      metric: sumOfRules('FailedInvocations', rules),
      ...above(0, 1),
    },
    {
      id: 'EventsLost',
      summary:
        'EventBridge could send events to neither queue: their uploads have no record until somebody reconciles the buckets.',
      commands: ['doctor', 'reconcile s3://BUCKET --repair'],
      metric: sumOfRules('InvocationsFailedToBeSentToDlq', rules),
      ...above(0, 1),
    },
  ];
}

/** Of what other systems are told. Uploads are recorded all the same. */
export function publishingAlarms({ publisher }: EventPaths, lateMinutes: number): AlarmDefinition[] {
  if (publisher === undefined) return [];
  return [
    {
      id: 'PublishingLate',
      summary: `Events of new records have waited for more than ${lateMinutes} minutes to be put on the bus. They are tried for 23 hours: nothing is lost before.`,
      commands: ['doctor'],
      metric: publisher.function.metric('IteratorAge', { period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      ...above(lateMinutes * MINUTE_MS, 1),
    },
    {
      id: 'PublishingFailed',
      summary:
        'Events were given up after 23 hours: the records are there, but other systems, webhooks and chat did not get their events.',
      commands: ['doctor', 'list --since 2d'],
      metric: countOf(publisher.failures, 'Given up'),
      ...above(0, 1),
    },
  ];
}

/** Of the webhooks. EventBridge has tried for 24 hours, unless the endpoint refused for good. */
export function deliveryAlarms({ webhooks }: EventPaths): AlarmDefinition[] {
  if (webhooks === undefined) return [];
  const { deliveries, bus, listed } = webhooks;
  const rules = listed.map(({ rule }) => ({ EventBusName: bus.eventBusName, RuleName: rule }));
  return [
    {
      id: 'DeliveriesFailed',
      summary:
        'Events could not be delivered to a webhook in 24 hours, or it refused them. The events wait for 14 days. Mend the endpoint first, then redrive: each redrive is tried for another day.',
      commands: ['dlq list --queue deliveries', 'dlq redrive --queue deliveries'],
      metric: countOf(deliveries, 'Failed deliveries'),
      ...above(0, 1),
    },
    {
      id: 'DeliveriesLost',
      summary:
        'Events could be sent neither to a webhook nor to the queue of failed deliveries: the webhook missed them.',
      commands: ['doctor', 'list --since 2d'],
      metric: sumOfRules('InvocationsFailedToBeSentToDlq', rules),
      ...above(0, 1),
    },
  ];
}

type RuleMetric = 'FailedInvocations' | 'InvocationsFailedToBeSentToDlq';

/** EventBridge sends such a metric only when it is not zero. */
function sumOfRules(metricName: RuleMetric, rules: readonly Record<string, string>[]): MathExpression {
  const period = FIVE_MINUTES;
  const metrics = rules.map((dimensionsMap, index) => {
    const metric = new Metric({ namespace: 'AWS/Events', metricName, dimensionsMap, statistic: Stats.SUM, period });
    return [`rule${index + 1}`, metric] as const;
  });
  const expression = metrics.map(([id]) => `FILL(${id}, 0)`).join(' + ');
  return new MathExpression({ expression, label: metricName, usingMetrics: Object.fromEntries(metrics), period });
}

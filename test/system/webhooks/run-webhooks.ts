import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { toResources } from '../../../src/cli/ledger-resources.ts';
import { LIMITS } from '../../../src/contract/limits.ts';
import type { BusEvent } from '../../../src/local/events/bus-event.ts';
import { type ObjectChange, s3EventBody } from '../../../src/local/s3/notification.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { type Clock, systemClock } from '../../../src/shared/clock.ts';
import { limitConcurrency } from '../../../src/shared/concurrency.ts';
import type { BuiltCli } from '../end-to-end/built-cli.ts';
import {
  addressOf,
  RECEIVERS,
  type Receiver,
  type ReceiverName,
  SLOW,
  SLOW_SHARE,
  startReceivers,
} from './receivers.ts';

export interface WebhooksRun {
  /** Of a stack with a webhook for each of {@link RECEIVERS}, see `webhookSettings`. */
  readonly assemblyDirectory: string;
  readonly cli: BuiltCli;
  readonly uploads: number;
  readonly seed: number;
}

export interface WebhooksReport {
  /** What is not as it must be. */
  readonly problems: readonly string[];
  readonly uploads: number;
  readonly seconds: number;
  /** By receiver. */
  readonly requests: Readonly<Record<string, number>>;
  /** Connections to the endpoint that was away. */
  readonly brokenWhileAway: number;
  /** In the dead-letter queue before the redrive, by receiver and reason. */
  readonly deadLetters: Readonly<Record<string, number>>;
}

/**
 * Waits are shorter than EventBridge's: up to a hundred times, but the less the more events wait, which would otherwise do
 * nothing but try again. Timeouts are half as long.
 */
function quickClock(uploads: number): Clock {
  const quickness = Math.max(2, Math.min(100, 10_000 / uploads));
  return {
    ...systemClock,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / quickness, signal),
    timeout: (milliseconds) => systemClock.timeout(milliseconds / 2),
  };
}

/** Uploads at the same time. */
const CONCURRENCY = 8;

/** 185 timeouts of the endpoint that hangs would take too long: it is tried so often. */
const HANGING_RETRIES = 2;

/**
 * Uploads files while webhooks deliver to endpoints that answer well, fail half the time, refuse for good, hang, break off
 * within their answers, and are away for a while; then redrives what was not delivered, with the command.
 */
export async function runWebhooks(run: WebhooksRun): Promise<WebhooksReport> {
  const startedAt = performance.now();
  const assemblyDirectory = withFewRetries(run.assemblyDirectory);
  const receivers = await startReceivers(run.seed);
  const stack = await startLocalStack({
    assemblyDirectory,
    receivers: Object.fromEntries(RECEIVERS.map((name) => [addressOf(name), receivers[name].url])),
    eventClock: quickClock(run.uploads),
    notificationFaults: { seed: run.seed, shuffle: 30, duplicate: 0.2 },
  });
  try {
    const report = await observe(stack, receivers, run);
    return { ...report, uploads: run.uploads, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await stack.close();
    await Promise.all(RECEIVERS.map((name) => receivers[name].close()));
    rmSync(assemblyDirectory, { recursive: true });
  }
}

type Receivers = Readonly<Record<ReceiverName, Receiver>>;

async function observe(stack: LocalStack, receivers: Receivers, { uploads, cli }: WebhooksRun) {
  const events: BusEvent[] = [];
  stack.servers.events.onEvent((_, event) => events.push(event));
  const announced = () =>
    events.filter(({ detail }) => detail.redeliver_to === undefined).map(({ detail }) => detail.id);
  const changes: ObjectChange[] = [];
  stack.servers.services.onObjectChange((change) => changes.push(change));

  receivers.away.setAway(true);
  await upload(stack, uploads);
  await stack.drained();
  await until(() => receivers.good.accepted.size >= uploads);
  receivers.away.setAway(false);
  await stack.eventsSettled();
  const announcedOnce = announced();
  const deadLetters = await readDeadLetters(stack);

  await redriveNotifications(stack, changes);
  const announcedInAll = announced();

  receivers.gone.recover();
  const before = requestsOf(receivers);
  await redriveDeliveries(stack, cli, 'gone');
  const requests = requestsOf(receivers);
  const disturbed = RECEIVERS.filter((name) => name !== 'gone' && requests[name] !== before[name]);
  const refused = await redriveToDisabledRule(stack, cli, 'hangs');
  const hanging = { 'hangs TIMEOUT MaximumRetryAttempts': Math.ceil(uploads / SLOW_SHARE) };
  return {
    requests,
    brokenWhileAway: receivers.away.broken(),
    deadLetters,
    problems: [
      ...expectEqual('events on the bus', announcedOnce.length, uploads),
      ...expectEqual('different events on the bus', new Set(announcedOnce).size, uploads),
      ...expectEqual('events on the bus after a redrive of all notifications', announcedInAll.length, uploads),
      ...(['good', 'flaky', 'resets', 'away', 'gone'] as const).flatMap((name) =>
        expectEqual(`events that "${name}" has in the end`, receivers[name].accepted.size, uploads),
      ),
      ...expectEqual('dead letters', deadLetters, { 'gone ERROR_FROM_TARGET': uploads, ...hanging }),
      ...expectEqual('dead letters after the redrive', await readDeadLetters(stack), hanging),
      ...expectEqual('redrive to a webhook whose rule is disabled', refused, [
        1,
        [{ webhook: 'hangs', reason: 'rule-disabled', count: hanging['hangs TIMEOUT MaximumRetryAttempts'] }],
      ]),
      ...expectEqual('receivers that got something of the redrive of another one', disturbed, []),
      ...RECEIVERS.flatMap((name) => {
        const invented = [...receivers[name].accepted.keys()].filter((id) => !announcedOnce.includes(id));
        return expectEqual(`events of "${name}" that were never on the bus`, invented, []);
      }),
    ],
  };
}

function expectEqual(what: string, actual: unknown, expected: unknown): string[] {
  const isEqual = isDeepStrictEqual(actual, expected);
  return isEqual ? [] : [`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual).slice(0, 500)}`];
}

function requestsOf(receivers: Receivers): Record<string, number> {
  return Object.fromEntries(RECEIVERS.map((name) => [name, receivers[name].requests()]));
}

/** A copy of the assembly, in which the endpoint that hangs is given up sooner. */
function withFewRetries(assembly: string): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-webhooks-'));
  cpSync(assembly, directory, { recursive: true });
  const file = path.join(directory, 'UploadLedger.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8'));
  const rules = Object.entries<Rule>(template.Resources).filter(([id]) => /^UploadsWebhooksWebhookhangsRule/.test(id));
  for (const [, rule] of rules) {
    for (const target of rule.Properties.Targets) target.RetryPolicy.MaximumRetryAttempts = HANGING_RETRIES;
  }
  if (rules.length !== 1) throw new TypeError(`Expected one rule of the webhook that hangs, found ${rules.length}.`);
  writeFileSync(file, JSON.stringify(template));
  return directory;
}

interface Rule {
  readonly Properties: { readonly Targets: readonly { readonly RetryPolicy: { MaximumRetryAttempts: number } }[] };
}

async function upload({ clients, bucketName }: LocalStack, uploads: number): Promise<void> {
  const limited = limitConcurrency(CONCURRENCY);
  const puts = Array.from({ length: uploads }, (_, index) => {
    const Key = `${index % SLOW_SHARE === 0 ? SLOW : 'in/'}${index} "<!channel>" 😀.txt`;
    return limited(() => clients.s3.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: 'x' })));
  });
  await Promise.all(puts);
}

/** Sends every notification once more, as a redrive of dead letters does. */
async function redriveNotifications(stack: LocalStack, changes: readonly ObjectChange[]): Promise<void> {
  const { queueUrl, bucketName: bucket, servers, resources } = stack;
  const size = LIMITS.sqs.batchEntries;
  for (let at = 0; at < changes.length; at += size) {
    const bodies = changes.slice(at, at + size).map((change) => ({
      body: s3EventBody(change, { id: 'redriven', bucket, queueUrl, events: [] }, resources.region),
    }));
    await servers.services.sendMessages(queueUrl, bodies);
  }
  await stack.drained();
  await stack.eventsSettled();
}

/** The one command that brings the events back to the webhook that missed them. */
async function redriveDeliveries(stack: LocalStack, cli: BuiltCli, webhook: ReceiverName): Promise<void> {
  const { outputs, region } = stack.resources;
  const resources = toResources(outputs, 'the local stack', region);
  await cli.announce({ pid: process.pid, startedAt: 1, endpoints: stack.servers.endpoints, ...resources });
  const { exitCode, stdout, stderr } = await cli.run('dlq', 'redrive', '--queue', 'deliveries', '--webhook', webhook);
  if (exitCode !== 0) throw new Error(`The redrive ended with ${exitCode}: ${stdout}${stderr}`);
  await stack.eventsSettled();
}

/** @returns the exit code, and what was not taken. */
async function redriveToDisabledRule(stack: LocalStack, cli: BuiltCli, webhook: ReceiverName) {
  const { eventRules, outputs, region } = stack.resources;
  const { deliveries } = toResources(outputs, 'the local stack', region);
  const rule = deliveries?.webhooks.find(({ name }) => name === webhook)?.rule ?? '';
  stack.servers.events.setRules(eventRules.map((one) => ({ ...one, enabled: !one.arn.endsWith(`/${rule}`) })));
  const args = ['dlq', 'redrive', '--queue', 'deliveries', '--webhook', webhook, '--json'];
  const { exitCode, stdout } = await cli.run(...args);
  stack.servers.events.setRules(eventRules);
  return [exitCode, JSON.parse(stdout).not_taken];
}

/** How many there are, by webhook and reason. */
async function readDeadLetters(stack: LocalStack): Promise<Record<string, number>> {
  const { deliveries } = toResources(stack.resources.outputs, 'the local stack', stack.resources.region);
  const name = stack.resources.queues.find(({ url }) => url === deliveries?.queueUrl)?.name ?? '';
  const contents = await stack.servers.services.inspectQueue(name);
  const counts: Record<string, number> = {};
  for (const { messageAttributes } of [...(contents?.ready ?? []), ...(contents?.inFlight ?? [])]) {
    const text = (attribute: string) => messageAttributes[attribute]?.StringValue ?? '';
    const rule = text('RULE_ARN').split('/').at(-1);
    const webhook = deliveries?.webhooks.find((one) => one.rule === rule)?.name;
    const reason = [webhook, text('ERROR_CODE'), text('EXHAUSTED_RETRY_CONDITION')].filter(Boolean).join(' ');
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(50);
}

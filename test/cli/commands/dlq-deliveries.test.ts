import {
  DescribeRuleCommand,
  type EventBridgeClient,
  type PutEventsCommand,
  ResourceNotFoundException,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../../src/cli/connection.ts';
import { matchesEventPattern } from '../../../src/local/events/event-pattern.ts';
import { type DeadLetterQueues, openQueues } from '../../dead-letters/dead-letter-queues.ts';
import { type SqsServer, startSqs } from '../../dead-letters/sqs-server.ts';
import { ledgerOf, linesOf, runCli } from '../cli.ts';
import { HOSTILE_KEYS, RAW } from '../hostile-keys.ts';

let sqs: SqsServer;
let made = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.close());

/** Finds out at once that a queue is empty: the emulator needs no long poll to be sure. */
function impatient(client: SQSClient): SQSClient {
  const send = (command: { input: object }) => {
    if (command.constructor.name === 'ReceiveMessageCommand') Object.assign(command.input, { WaitTimeSeconds: 0 });
    return client.send(command as never);
  };
  return { send } as unknown as SQSClient;
}

interface World extends DeadLetterQueues {
  /** Details of the events that were put on the bus. */
  readonly put: { readonly redeliver_to: string; readonly id: string }[];
  dlq(...args: readonly string[]): ReturnType<typeof runCli>;
  /** From now on EventBridge does not answer. */
  breakBus(): void;
  /** What EventBridge says of a rule from now on. */
  ruleIs(name: string, rule: { readonly State?: string; readonly EventPattern?: string } | undefined): void;
  /** Answers a question with the command's name. */
  dlqAnswered(command: string): ReturnType<typeof runCli>;
  fail(webhook: string, id: string, error?: string, message?: string): Promise<string>;
}

/** @param options.chatFormat Of the bodies that the webhook `chat` gets. */
async function open(options: { hasWebhooks?: boolean; chatFormat?: string } = {}): Promise<World> {
  const { hasWebhooks = true, chatFormat: format } = options;
  made += 1;
  const queues = await openQueues(sqs, `cli-deliveries-${made}`);
  const put: { redeliver_to: string; id: string }[] = [];
  let isBroken = false;
  const rules = new Map<string, object | undefined>(
    ['orders', 'chat'].map((name) => [
      `rule-${name}`,
      { State: 'ENABLED', EventPattern: JSON.stringify({ detail: { redeliver_to: [name] } }) },
    ]),
  );
  const eventbridge = {
    send: async (command: PutEventsCommand | DescribeRuleCommand | TestEventPatternCommand) => {
      if (command instanceof DescribeRuleCommand) {
        const { Name = '', EventBusName } = command.input;
        const rule = EventBusName === 'uploads' ? rules.get(Name) : undefined;
        if (rule === undefined) throw new ResourceNotFoundException({ message: Name, $metadata: {} });
        return { Arn: `arn:aws:events:eu-west-1:111122223333:rule/uploads/${Name}`, ...rule };
      }
      if (command instanceof TestEventPatternCommand) {
        const { EventPattern = '', Event = '' } = command.input;
        return { Result: matchesEventPattern(JSON.parse(EventPattern), JSON.parse(Event)) };
      }
      const { Entries = [] } = command.input;
      if (isBroken) throw new Error('no route to host');
      put.push(...Entries.map(({ Detail = '' }) => JSON.parse(Detail)));
      return { Entries: Entries.map((_, index) => ({ EventId: `put-${index}` })) };
    },
  } as unknown as EventBridgeClient;
  const base = ledgerOf({ tableName: 'none', indexShards: 1 } as never, {
    client: impatient(sqs.client),
    queueUrl: queues.uploads.url,
    deadLetterQueueUrl: 'nowhere',
  });
  const webhooks = [
    { name: 'orders', rule: 'rule-orders' },
    { name: 'chat', rule: 'rule-chat', ...(format !== undefined && { format }) },
  ];
  const deliveries = { queueUrl: queues.deadLetters.url, eventBus: 'uploads', webhooks };
  const ledger: OpenLedger = {
    ...base,
    resources: { ...base.resources, ...(hasWebhooks && { deliveries }) },
    clients: { ...base.clients, eventbridge: async () => eventbridge },
  };
  return {
    ...queues,
    put,
    breakBus: () => {
      isBroken = true;
    },
    ruleIs: (name, rule) => void rules.set(name, rule),
    dlqAnswered: (command) => runCli(['dlq', command, '--queue', 'deliveries'], { ledger, answer: command }),
    dlq: (...args) =>
      runCli(['dlq', ...args, '--queue', 'deliveries'], { ledger, columns: args[0] === 'list' ? 80 : 0 }),
    fail: (webhook, id, error = 'SDK_CLIENT_ERROR', message = 'answered 410') => {
      const detail = { version: 1, id, record: { s3_key: id } };
      const body = { id: `bus-${id}`, source: 'upload-ledger', 'detail-type': 'UploadRecorded', resources: [], detail };
      return queues.send(queues.deadLetters, JSON.stringify(body), {
        RULE_ARN: `arn:aws:events:eu-west-1:111122223333:rule/uploads/rule-${webhook}`,
        ERROR_CODE: error,
        ERROR_MESSAGE: message,
      });
    },
  };
}

describe('dlq --queue deliveries', () => {
  it('lists what could not be delivered by webhook and error', async () => {
    const { dlq, fail } = await open();
    for (const id of ['1', '2']) await fail('orders', id);
    await fail('chat', '3', 'NO_PERMISSIONS', 'answered 503');
    const { stdout, exitCode } = await dlq('list');
    const rows = linesOf(stdout).filter((line) => !line.startsWith('  such as'));
    expect(rows[0]).toMatch(/^WEBHOOK +ERROR +EVENTS +OLDEST \(UTC\)$/);
    expect(rows[1]).toMatch(/^orders +SDK_CLIENT_ERROR +2 +\d{4}-/);
    expect(rows[2]).toMatch(/^chat +NO_PERMISSIONS +1 +\d{4}-/);
    expect(stdout).toContain(': SDK_CLIENT_ERROR: answered 410');
    expect(Math.max(...linesOf(stdout).map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(exitCode).toBe(0);
    const asJson = linesOf((await dlq('list', '--json', '--contains', '503')).stdout).map((line) => JSON.parse(line));
    expect(asJson).toMatchObject([{ webhook: 'chat', error: 'NO_PERMISSIONS', count: 1 }]);
  });

  it('shows one with its attributes and its event, and says nothing of a parser', async () => {
    const { dlq, fail } = await open();
    const id = await fail('orders', HOSTILE_KEYS[0] ?? '');
    const { stdout } = await dlq('show', id);
    expect(stdout).toContain('ERROR_CODE');
    expect(stdout).toContain('rule/uploads/rule-orders');
    expect(stdout).toContain('"detail-type": "UploadRecorded"');
    expect(stdout).not.toContain('today');
    for (const line of linesOf(stdout)) expect(line).not.toMatch(RAW);
  });

  it('sends again to the webhook that missed it', async () => {
    const { dlq, fail, put, bodies, deadLetters } = await open();
    await fail('orders', '1');
    await fail('chat', '2');
    const { stdout, stderr, exitCode } = await dlq('redrive', '--webhook', 'orders');
    expect(stdout.replaceAll(/ +/g, ' ')).toBe(' looked at 2 messages\n other webhook 1, left alone\n sent again 1\n');
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(put).toMatchObject([{ id: '1', redeliver_to: 'orders' }]);
    expect(JSON.parse((await dlq('redrive', '--dry-run', '--json')).stdout)).toMatchObject({ would_send: 1, sent: 0 });
    expect(await bodies(deadLetters)).toHaveLength(1);
  });

  it('says why it leaves events alone', async () => {
    const { dlq, fail } = await open({ chatFormat: 'slack' });
    for (const webhook of ['gone', 'chat', 'orders']) await fail(webhook, '1');
    const { stdout } = await dlq('redrive', '--dry-run');
    expect(linesOf(stdout.replaceAll(/ +/g, ' '))).toEqual([
      ' looked at 3 messages',
      ' no webhook 1, left alone: not an event for a webhook of this stack',
      ' other format 1, left alone: the webhook has another format now',
      ' would send 1',
    ]);
  });

  it('keeps what a rule would not take, says why, and ends with 1', async () => {
    const { dlq, fail, put, ruleIs, bodies, deadLetters } = await open();
    for (const [webhook, id] of [
      ['orders', '1'],
      ['orders', '2'],
      ['chat', '3'],
    ] as const)
      await fail(webhook, id);
    ruleIs('rule-orders', { State: 'DISABLED' });
    ruleIs('rule-chat', { State: 'ENABLED', EventPattern: '{"resources":["another table"]}' });
    const kept = [
      ' looked at 3 messages',
      ' not taken 2 of orders, left alone: its rule is disabled',
      ' not taken 1 of chat, left alone: its rule does not match them',
    ];
    const advice =
      'What is not taken would be lost on the bus. "doctor" says how to repair a rule; then run it again.\n';
    for (const [args, done] of [
      [['--dry-run'], ' would send 0'],
      [[], ' sent again 0'],
    ] as const) {
      const { stdout, stderr, exitCode } = await dlq('redrive', ...args);
      expect(linesOf(stdout.replaceAll(/ +/g, ' ')).sort()).toEqual([...kept, done].sort());
      expect([stderr, exitCode]).toEqual([advice, 1]);
    }
    expect((await dlq('redrive', '--webhook', 'chat')).stderr).toBe(
      'What is not taken would be lost on the bus. If it is from a table that was replaced, export and purge it.\n',
    );
    ruleIs('rule-chat', undefined);
    const { stdout, exitCode } = await dlq('redrive', '--webhook', 'chat', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      not_taken: [{ webhook: 'chat', reason: 'no-rule', count: 1 }],
      sent: 0,
    });
    expect([exitCode, put, (await bodies(deadLetters)).length]).toEqual([1, [], 3]);
  });

  it('reports what was done by then when EventBridge does not answer', async () => {
    const { dlq, fail, breakBus, bodies, deadLetters } = await open();
    await fail('orders', '1');
    breakBus();
    const { stdout, stderr, exitCode } = await dlq('redrive');
    expect(stdout.replaceAll(/ +/g, ' ')).toBe(' looked at 1 message\n sent again 0\n');
    expect(stderr).toMatch(/^Stopped between two calls; nothing is lost\. Run it again to go on\.\n.*no route to host/);
    expect(exitCode).toBe(2);
    expect(await bodies(deadLetters)).toHaveLength(1);
  });

  it('exports and purges as the other queue', async () => {
    const { dlq, fail, bodies, deadLetters } = await open();
    await fail('orders', '1');
    const { stdout, stderr } = await dlq('export', '-');
    expect(stderr).toBe('Exported 1 failed delivery.\n');
    const [line = ''] = linesOf(stdout);
    expect(JSON.parse(line)).toMatchObject({
      reason: 'not-delivered',
      attributes: { ERROR_CODE: { text: 'SDK_CLIENT_ERROR' } },
    });
    expect((await dlq('purge', '--yes')).exitCode).toBe(0);
    expect(await bodies(deadLetters)).toEqual([]);
  });

  it('says before a purge that it concerns every webhook', async () => {
    const { dlqAnswered, fail } = await open();
    for (const webhook of ['orders', 'chat']) await fail(webhook, '1');
    expect(await dlqAnswered('purge')).toMatchObject({
      exitCode: 0,
      stderr:
        'Delete about 2 failed deliveries to all webhooks of a test for good? Type "purge": purge\n' +
        'Deleted about 2 failed deliveries to all webhooks of a test.\n',
    });
  });

  it('does not call a failed delivery a dead letter', async () => {
    const { dlq, fail } = await open();
    expect(await dlq('list')).toMatchObject({ stderr: 'The queue of failed deliveries is empty.\n', exitCode: 0 });
    await fail('orders', '1');
    expect(await dlq('list', '--contains', 'other')).toMatchObject({ stderr: 'No failed delivery matches.\n' });
    expect(await dlq('show', 'other')).toMatchObject({
      stderr:
        'There is no failed delivery other. "dlq export - --queue deliveries" writes the existing ones with their ids.\n',
      exitCode: 1,
    });
    expect(await dlq('purge')).toMatchObject({
      stderr: expect.stringContaining('use --yes to delete all failed deliveries'),
      exitCode: 2,
    });
  });

  it.each([
    [['redrive', '--webhook', 'gone'], 'there is no webhook "gone"; the stack has orders, chat'],
    [['redrive', '--all'], '--reason, --all and --canary-wait are for the uploads queue'],
    [['redrive', '--reason', 'not-json'], '--reason, --all and --canary-wait are for the uploads queue'],
    [['redrive', '--canary-wait', '5s'], '--reason, --all and --canary-wait are for the uploads queue'],
  ])('refuses %j', async (args, message) => {
    const { dlq } = await open();
    expect(await dlq(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) });
  });

  it('says that a stack without webhooks has no such queue', async () => {
    const { dlq } = await open({ hasWebhooks: false });
    expect(await dlq('list')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has no webhooks') });
  });

  it('takes a webhook only together with the queue', async () => {
    const ledger = ledgerOf({ tableName: 'none', indexShards: 1 } as never, {
      client: sqs.client,
      queueUrl: 'nowhere',
      deadLetterQueueUrl: 'nowhere',
    });
    const run = await runCli(['dlq', 'redrive', '--webhook', 'orders'], { ledger });
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('add --queue deliveries') });
  });
});

import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { planDemo } from '../../../src/cli/demo/plan.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import type { ServiceCall } from '../../../src/local/servers/service-call.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import type { ContextName } from '../../setup/contexts.ts';
import { metricSum } from '../end-to-end/email-fixture.ts';
import { changedStatements } from './changed-policies.ts';
import { provePermissions } from './permission-proof.ts';
import { functionStatements, logGroupName } from './policy.ts';
import { RecordedCalls, RecordedLogs, streamCalls } from './recorded-calls.ts';

const UPLOADS = 30;
/** So that messages come back. */
const FAULTS = { unprocessed: 0.2, seed: 3 };

interface Run {
  readonly assemblyDirectory: string;
  /** Of the consumer. */
  readonly calls: readonly ServiceCall[];
  /** Of the publisher; none where there is none. */
  readonly published: readonly ServiceCall[];
}

/** All calls of the functions, and of Lambda in their names: uploads, poison, faults, and a digest where there are any. */
async function record(assemblyDirectory: string): Promise<Run> {
  const [calls, logs] = [new RecordedCalls(), new RecordedLogs()];
  const hooks = { onCall: calls.onCall, onLog: logs.onLog };
  const stack = await startLocalStack({ assemblyDirectory, retryAfterSeconds: 0, ...hooks });
  try {
    stack.servers.table.setFaults(FAULTS);
    await runDemo(stack, planDemo(UPLOADS, 3));
    if ((stack.email?.alerts.length ?? 0) > 0) await alertWithoutSes(stack);
    await stack.scheduler.tickNow();
    await stack.drained();
    await stack.eventsSettled();
    const { functionName } = stack;
    const logged = logs.calls(functionName, logGroupName(assemblyDirectory));
    const published = stack.resources.streamMappings.flatMap((mapping) => [
      ...calls.of(mapping.functionName),
      ...streamCalls(mapping.functionName, mapping),
      ...logs.calls(mapping.functionName, logGroupName(assemblyDirectory, 'publisher')),
    ]);
    return { assemblyDirectory, calls: [...calls.of(functionName), ...logged], published };
  } finally {
    await stack.close();
  }
}

/** An upload that the first alert is about, while SES takes no email: the alert waits in the queue. */
async function alertWithoutSes(stack: LocalStack): Promise<void> {
  stack.servers.mail.setDown(true);
  const [rule] = stack.email?.alerts ?? [];
  const Body = Buffer.alloc(rule?.minimumBytes ?? 1);
  const Key = `${rule?.prefix ?? ''}alerting${rule?.suffix ?? '.mp4'}`;
  await stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucketName, Key, Body }));
  await vi.waitUntil(() => metricSum(stack, 'AlertsFailed') > 0, { timeout: 20_000, interval: 50 });
  stack.servers.mail.setDown(false);
}

/** What the function uses besides DynamoDB, its logs and SQS. */
const STACKS: readonly (readonly [ContextName, readonly string[]])[] = [
  ['default', []],
  ['localEmail', ['ses']],
  ['metadata', ['s3']],
  // Digests alone, and alerts alone: each asks for less than both.
  ['console', ['ses']],
  ['alertsAlone', ['ses']],
  ['events', []],
  ['eventsOfEmail', ['ses']],
];

describe.each(STACKS)('the function of the stack %s', (name, more) => {
  let run: Run;

  beforeAll(async () => {
    run = await record(assemblyDirectory(name));
  });

  it('has exactly the permissions that it uses', () => {
    expect(provePermissions(run.calls, functionStatements(run.assemblyDirectory))).toEqual({ missing: [], unused: [] });
  });

  it('is observed in every service that it uses', () => {
    const services = new Set(run.calls.map(({ action }) => action.split(':')[0]));
    expect([...services].sort()).toEqual(['dynamodb', 'logs', 'sqs', ...more].sort());
  });

  it('is missing an action on a resource for each permission that is removed', () => {
    const granted = functionStatements(run.assemblyDirectory).flatMap(({ actions }) => actions);
    for (const action of granted) {
      const { missing } = provePermissions(run.calls, changedStatements(run.assemblyDirectory, { without: action }));
      expect(missing, action).not.toEqual([]);
      for (const fault of missing) expect(fault).toMatch(new RegExp(`^${action} on arn:aws:`));
    }
  });

  it.each(['dynamodb:*', 'dynamodb:DeleteTable', 's3:GetObject'])('has too many permissions with %s', (action) => {
    const statements = changedStatements(run.assemblyDirectory, { with: action });
    const { missing, unused } = provePermissions(run.calls, statements);
    expect(missing).toEqual([]);
    expect(unused).toEqual([expect.stringContaining(`${action} on arn:aws:dynamodb:`)]);
  });
});

describe.each(['events', 'eventsOfEmail'] as const)('the publisher of the stack %s', (name) => {
  let run: Run;

  beforeAll(async () => {
    run = await record(assemblyDirectory(name));
  });

  it('has exactly the permissions that it, and Lambda in its name, uses', () => {
    expect(run.published.map(({ action }) => action)).toContain('events:PutEvents');
    const statements = functionStatements(run.assemblyDirectory, 'publisher');
    expect(provePermissions(run.published, statements)).toEqual({ missing: [], unused: [] });
  });

  it('is missing an action on a resource for each permission that is removed', () => {
    const granted = functionStatements(run.assemblyDirectory, 'publisher').flatMap(({ actions }) => actions);
    expect(granted).toHaveLength(8);
    for (const action of granted) {
      const statements = changedStatements(run.assemblyDirectory, { without: action }, 'publisher');
      expect(provePermissions(run.published, statements).missing, action).not.toEqual([]);
    }
  });

  it.each(['dynamodb:*', 'dynamodb:GetItem'])('has too many permissions with %s', (action) => {
    const statements = changedStatements(run.assemblyDirectory, { with: action }, 'publisher');
    expect(provePermissions(run.published, statements).unused).toEqual([expect.stringContaining(action)]);
  });
});

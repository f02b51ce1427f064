import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { previewDigest } from '../../../src/digest/window/handle-tick.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../../ledger/dynamodb-server.ts';
import { observe } from '../observed-client.ts';
import { records } from '../records.ts';
import { DigestStack } from './digest-stack.ts';

let server: DynamoDBServer;
let stack: DigestStack;

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  stack = new DigestStack(server);
});

const preview = (now = stack.time) =>
  previewDigest({ client: server.client, tableName: TABLE_NAME }, { name: stack.name, timeZone: 'Europe/Berlin' }, now);

describe('previewDigest', () => {
  it('reports everything since the last digest, up to now', async () => {
    await stack.batch(records(2));
    stack.time += 60_000;
    await stack.tick();
    await stack.batch(records(3));
    const digest = await preview();
    expect(digest.summary.uploads.count).toBe(3);
    expect(digest).toMatchObject({
      since: stack.sent[0]?.until,
      until: stack.now,
      timeZone: 'Europe/Berlin',
      batches: 1,
    });
  });

  it('reports the last day when no digest was sent yet', async () => {
    await stack.batch(records(2));
    stack.time += 23 * 60 * 60 * 1000;
    expect((await preview()).summary.uploads.count).toBe(2);
    stack.time += 60 * 60 * 1000;
    expect((await preview()).summary.uploads.count).toBe(0);
  });

  it('changes nothing: the digest is sent as without a preview', async () => {
    await stack.batch(records(2));
    stack.time += 60_000;
    const observed = observe(server.client);
    await preview();
    expect(observed.commands.filter((command) => !['GetItemCommand', 'QueryCommand'].includes(command))).toEqual([]);
    await stack.tick();
    expect(stack.sent.map(({ summary }) => summary.uploads.count)).toEqual([2]);
  });

  it('is empty, not wrong, when the clock is behind', async () => {
    await stack.batch(records(2));
    stack.time += 60_000;
    await stack.tick();
    const digest = await preview(stack.time - 3_600_000);
    expect(digest.summary.uploads.count).toBe(0);
    expect(digest.since).toBe(digest.until);
  });
});

import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../../src/cli/connection.ts';
import { toResources } from '../../../src/cli/ledger-resources.ts';
import { openLocalClients } from '../../../src/local/clients.ts';
import { LOCAL_REGION } from '../../../src/local/identity.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { runCli } from '../../cli/cli.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const BUCKET = 'invoices';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('attached') });
  await stack.clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => stack?.close());

function ledger(): OpenLedger {
  const { s3, sqs } = stack.clients;
  const unused = () => Promise.reject(new Error('not used here'));
  const aws = { cloudformation: unused, cloudwatch: unused, eventbridge: unused, lambda: unused };
  const clients = { ...aws, dynamodb: unused, scheduler: unused, ses: unused };
  return {
    name: 'the local stack',
    isLocal: true,
    resources: toResources(stack.resources.outputs, 'local', LOCAL_REGION),
    clients: { ...clients, s3: async () => s3, sqs: async () => sqs, destroy: () => undefined },
  };
}

/** Uploads as somebody, and waits until the queue is empty. @returns who uploaded, by the ledger. */
async function uploaderOf(key: string, who: string): Promise<string | undefined> {
  const theirs = openLocalClients(stack.servers.endpoints, LOCAL_REGION, who);
  await theirs.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: 'invoice' }));
  theirs.destroy();
  await stack.drained();
  const { Items = [] } = await stack.clients.dynamodb.send(
    new QueryCommand({
      TableName: stack.tableName,
      KeyConditionExpression: 's3_object = :object',
      ExpressionAttributeValues: { ':object': { S: `${BUCKET}/${key}` } },
    }),
  );
  return Items[0]?.uploader?.S;
}

describe('a bucket of somebody else', () => {
  it('is recorded with the person from attach on, until detach', async () => {
    const before = await uploaderOf('in/before.pdf', 'alice');
    const attached = await runCli(['attach', `s3://${BUCKET}`], { ledger: ledger() });
    const between = await uploaderOf('in/between.pdf', 'alice');
    const detached = await runCli(['detach', `s3://${BUCKET}`], { ledger: ledger() });
    const after = await uploaderOf('in/after.pdf', 'alice');
    expect({ exitCodes: [attached.exitCode, detached.exitCode], before, between, after }).toEqual({
      exitCodes: [0, 0],
      before: undefined,
      between: 'alice',
      after: undefined,
    });
  });
});

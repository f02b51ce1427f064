import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/cli/aws-access.ts';
import { type CliClients, type ClientSettings, connect, type Surroundings } from '../../src/cli/connection.ts';
import { OUTPUTS } from '../../src/contract/outputs.ts';
import { type StackFile, writeStackFile } from '../../src/local/stack-file.ts';

let directory: string;
let server: Server;
let address: string;
let answer: { readonly status: number; readonly body: string };
let asked: string[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'connection-'));
  asked = [];
  server = createServer(async (request, response) => {
    asked.push(await text(request));
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

/** CloudFormation's answer for a stack with `outputs`. */
function stackWith(outputs: Readonly<Record<string, string>>) {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack = `<StackName>s</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs>`;
  const result = `<DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult>`;
  return { status: 200, body: `<DescribeStacksResponse>${result}</DescribeStacksResponse>` };
}

function refusal(code: string, message: string, status = 400) {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}</ErrorResponse>` };
}

/** Clients of which CloudFormation's asks the server of this test. Notes the settings that they were opened with. */
function clientsAt(opened: ClientSettings[]) {
  return (settings: ClientSettings): CliClients => {
    opened.push(settings);
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
    const client = new CloudFormationClient({ region: settings.region, endpoint: address, credentials });
    return {
      cloudformation: async () => client,
      cloudwatch: unused,
      dynamodb: unused,
      eventbridge: unused,
      lambda: unused,
      s3: unused,
      scheduler: unused,
      ses: unused,
      sqs: unused,
      destroy: () => client.destroy(),
    };
  };
}

/** What `connect` finds around it. @param environment Over a Region and keys. */
function at(opened: ClientSettings[] = [], environment: Environment = {}): Surroundings {
  const variables = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  return { directory, environment: { ...variables, ...environment }, makeClients: clientsAt(opened) };
}

async function unused(): Promise<never> {
  throw new Error('this client is not used here');
}

const OUTPUT_VALUES = {
  [OUTPUTS.bucketName]: 'bucket',
  [OUTPUTS.tableName]: 'table',
  [OUTPUTS.queueUrl]: 'https://queue',
  [OUTPUTS.deadLetterQueueUrl]: 'https://dead-letters',
  [OUTPUTS.functionName]: 'function',
  [OUTPUTS.indexShards]: '16',
};

const RESOURCES = {
  tableName: 'table',
  queueUrl: 'https://queue',
  deadLetterQueueUrl: 'https://dead-letters',
  bucketName: 'bucket',
  indexShards: 16,
};

const localStack = (overrides: Partial<StackFile> = {}): StackFile => ({
  pid: process.pid,
  startedAt: 1_795_000_000_000,
  endpoints: { services: address, dynamodb: address, ses: address, events: address },
  region: 'us-east-1',
  ...RESOURCES,
  ...overrides,
});

describe('connect', () => {
  it('finds the resources of the named stack in its outputs', async () => {
    answer = stackWith(OUTPUT_VALUES);
    const opened: ClientSettings[] = [];
    const options = { stack: 'MyLedger', region: 'ap-south-1' };
    const ledger = await connect(options, at(opened));
    expect(ledger.resources).toEqual({ ...RESOURCES, functionName: 'function', region: 'ap-south-1' });
    expect({ isLocal: ledger.isLocal, name: ledger.name }).toEqual({
      isLocal: false,
      name: 'stack MyLedger in ap-south-1',
    });
    expect(opened).toEqual([expect.objectContaining({ region: 'ap-south-1' })]);
    expect(asked[0]).toContain('StackName=MyLedger');
  });

  it('finds what the stack records in its outputs', async () => {
    const recorded = {
      [OUTPUTS.keyPrefix]: 'f%C3%BCr%2F',
      [OUTPUTS.keySuffix]: '.pdf',
      [OUTPUTS.eventTypes]: 'a:*,b:c',
    };
    answer = stackWith({ ...OUTPUT_VALUES, ...recorded });
    const { resources } = await connect({ stack: 'MyLedger' }, at());
    expect(resources.recorded).toEqual({ prefix: 'für/', suffix: '.pdf', events: ['a:*', 'b:c'] });
  });

  it('takes the default stack on AWS when nothing is named and no local stack runs', async () => {
    answer = stackWith(OUTPUT_VALUES);
    await connect({}, at());
    expect(asked[0]).toContain('StackName=UploadLedger');
  });

  it('takes the local stack when one runs and nothing is named', async () => {
    await writeStackFile(directory, localStack());
    const opened: ClientSettings[] = [];
    const ledger = await connect({}, at(opened));
    expect({ isLocal: ledger.isLocal, resources: ledger.resources }).toEqual({
      isLocal: true,
      resources: { ...RESOURCES, region: 'us-east-1' },
    });
    expect(opened).toEqual([{ region: 'us-east-1', endpoints: localStack().endpoints }]);
  });

  it('takes AWS as soon as a profile, Region or stack is named', async () => {
    answer = stackWith(OUTPUT_VALUES);
    await writeStackFile(directory, localStack());
    for (const options of [{ stack: 'UploadLedger' }, { region: 'eu-west-1' }]) {
      expect((await connect(options, at())).isLocal).toBe(false);
    }
    await expect(connect({ profile: 'nobody-has-this' }, at())).rejects.toThrow('there is no profile');
  });

  it('takes the stack that UPLOAD_LEDGER_STACK names, unless an option says otherwise', async () => {
    answer = stackWith(OUTPUT_VALUES);
    await writeStackFile(directory, localStack());
    const environment = { UPLOAD_LEDGER_STACK: 'Shared' };
    expect((await connect({}, at([], environment))).stackName).toBe('Shared');
    expect((await connect({ stack: 'Other' }, at([], environment))).stackName).toBe('Other');
    expect((await connect({ local: true }, at([], environment))).isLocal).toBe(true);
    expect((await connect({}, at([], { UPLOAD_LEDGER_STACK: '' }))).isLocal).toBe(true);
  });

  it('does not take for AWS what answers without any stack', async () => {
    answer = { status: 200, body: '<html><body>Sign in</body></html>' };
    await expect(connect({}, at())).rejects.toThrow('the answer is not from AWS');
  });

  it('does not fall back to AWS when --local is given and no local stack runs', async () => {
    await writeStackFile(directory, localStack({ pid: 2 ** 30 }));
    await expect(connect({ local: true }, at())).rejects.toThrow(
      'no local stack runs in this checkout: start one with "npm start"',
    );
  });

  it('takes the local stack whose port is named', async () => {
    await writeStackFile(directory, localStack());
    const port = Number(new URL(localStack().endpoints.services).port);
    expect((await connect({ localPort: port }, at())).isLocal).toBe(true);
    await expect(connect({ localPort: port + 1 }, at())).rejects.toThrow(
      `no local stack of this checkout has its S3 at this port: the running ones have ${port}`,
    );
    await expect(connect({ localPort: port, stack: 'x' }, at())).rejects.toThrow('--local-port cannot be used with');
  });

  it('refuses --local together with options for AWS', async () => {
    await expect(connect({ local: true, stack: 'x' }, at())).rejects.toThrow(
      '--local and --local-port cannot be used with',
    );
  });

  it('says that there is no such stack', async () => {
    answer = refusal('ValidationError', 'Stack with id MyLedger does not exist');
    await expect(connect({ stack: 'MyLedger' }, at())).rejects.toThrow(
      /^there is no stack "MyLedger" in eu-west-1 with these credentials: choose another one with --stack/,
    );
  });

  it('says which output the stack lacks', async () => {
    const { IndexShards: __, ...older } = OUTPUT_VALUES;
    answer = stackWith(older);
    await expect(connect({}, at())).rejects.toThrow(
      'stack "UploadLedger" has no output IndexShards: it is not an upload-ledger stack, its app does not call addOutputs() of the ledger, or an older version deployed it',
    );
  });

  it('says which output cannot be read', async () => {
    answer = stackWith({ ...OUTPUT_VALUES, [OUTPUTS.keyPrefix]: '100%/' });
    await expect(connect({}, at())).rejects.toThrow(
      'expected the stack\'s output KeyPrefix to be URI-encoded, got "100%/": deploy the stack again',
    );
  });

  it('passes on the errors of AWS', async () => {
    answer = refusal('AccessDenied', 'User: x is not authorized', 403);
    await expect(connect({}, at())).rejects.toThrow(expect.objectContaining({ name: 'AccessDenied' }));
  });
});

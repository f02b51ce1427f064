import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { DEFAULTS } from '../contract/defaults.ts';
import type { EmailSettings } from '../contract/email-settings.ts';
import { LOCAL_CREDENTIALS, type LocalEndpoints } from '../local/identity.ts';
import { type ListedTick, runningStacks, type StackFile } from '../local/stack-file.ts';
import { once } from '../shared/concurrency.ts';
import { type Ask, type AwsAccess, awsAccess, type Environment } from './aws-access.ts';
import { needCheckout } from './checkout.ts';
import { UsageError } from './errors.ts';
import { notAws } from './explain-error.ts';
import { type LedgerResources, toResources } from './ledger-resources.ts';

/** Which ledger the user means. */
export interface ConnectionOptions {
  /** Profile of the AWS configuration files. */
  readonly profile?: string;
  readonly region?: string;
  /** Name of the CloudFormation stack whose outputs name the resources. */
  readonly stack?: string;
  /** The local stack of this checkout. Of several, the one that was started first. */
  readonly local?: boolean;
  /** The local stack of this checkout whose S3 has this port. */
  readonly localPort?: number;
}

/** How the clients reach AWS or the local stack. */
export type ClientSettings = AwsAccess | { readonly region: string; readonly endpoints: LocalEndpoints };

/** Where a ledger is looked for. */
export interface Surroundings {
  /** Of the checkout that may run a local stack. */
  readonly directory: string;
  /** `UPLOAD_LEDGER_STACK` names the stack where no option does. */
  readonly environment: Environment;
  readonly signal?: AbortSignal;
  /** Asks for the code of a second factor. Absent where nobody can answer. */
  readonly ask?: Ask;
  /** @default the SDK's clients */
  readonly makeClients?: (settings: ClientSettings) => CliClients;
}

/** SDK clients. Each is loaded and made on first use. */
export interface CliClients {
  cloudformation(): Promise<CloudFormationClient>;
  cloudwatch(): Promise<CloudWatchClient>;
  dynamodb(): Promise<DynamoDBClient>;
  eventbridge(): Promise<EventBridgeClient>;
  lambda(): Promise<LambdaClient>;
  s3(): Promise<S3Client>;
  scheduler(): Promise<SchedulerClient>;
  ses(): Promise<SESClient>;
  sqs(): Promise<SQSClient>;
  /** Closes the connections of those that were made. */
  destroy(): void;
}

/** A ledger, and clients to work with it. */
export interface OpenLedger {
  /** For people: `the local stack`, `stack UploadLedger`. */
  readonly name: string;
  readonly isLocal: boolean;
  /** Name of the CloudFormation stack. Absent: the local stack, which has none. */
  readonly stackName?: string;
  readonly resources: LedgerResources;
  /** Of the local stack. */
  readonly endpoints?: LocalEndpoints;
  /** Of the local stack, see `readEmailSettings`. */
  readonly email?: EmailSettings;
  /** Of the local stack: the messages by which its digests are sent. */
  readonly ticks?: readonly ListedTick[];
  readonly clients: CliClients;
}

/**
 * Finds the ledger: the one that the options name, else the stack that `UPLOAD_LEDGER_STACK` names; without any, the
 * local stack that runs in the checkout, else the stack `UploadLedger` on AWS.
 *
 * @throws UsageError when the options contradict each other or name nothing that is there.
 * @throws the SDK's errors, when AWS cannot be asked.
 */
export async function connect(options: ConnectionOptions, surroundings: Surroundings): Promise<OpenLedger> {
  const { directory, environment, makeClients = createClients } = surroundings;
  const { localPort, local = localPort !== undefined } = options;
  const namesAws = options.profile !== undefined || options.region !== undefined || options.stack !== undefined;
  if (local && namesAws) {
    throw new UsageError(
      '--local and --local-port cannot be used with --profile, --region or --stack, which name a ledger on AWS',
    );
  }
  const isOnAws = namesAws || (!local && Boolean(environment.UPLOAD_LEDGER_STACK));
  const stacks = isOnAws ? [] : await runningStacks(directory);
  const stack = localPort === undefined ? stacks[0] : stacks.find((one) => servicePort(one) === localPort);
  if (stack !== undefined) return localLedger(stack, makeClients);
  if (local) throw noLocalStack(stacks);
  return deployedLedger(options, surroundings, makeClients);
}

function servicePort({ endpoints }: StackFile): number {
  return Number(new URL(endpoints.services).port);
}

function noLocalStack(others: readonly StackFile[]): UsageError {
  needCheckout('--local');
  if (others.length === 0) return new UsageError('no local stack runs in this checkout: start one with "npm start"');
  const ports = others.map(servicePort).join(', ');
  return new UsageError(`no local stack of this checkout has its S3 at this port: the running ones have ${ports}`);
}

/** The ledger of a local stack that runs. Its clients have to be destroyed. */
export function localLedger(stack: StackFile, makeClients: typeof createClients = createClients): OpenLedger {
  const { pid: _, startedAt: __, endpoints, email, ticks, ...resources } = stack;
  return {
    name: 'the local stack',
    isLocal: true,
    resources,
    endpoints,
    ...(email !== undefined && { email }),
    ...(ticks !== undefined && { ticks }),
    clients: makeClients({ region: stack.region, endpoints }),
  };
}

async function deployedLedger(
  options: ConnectionOptions,
  { environment, ask, signal }: Surroundings,
  makeClients: (settings: ClientSettings) => CliClients,
): Promise<OpenLedger> {
  const stack = options.stack ?? (environment.UPLOAD_LEDGER_STACK || DEFAULTS.stackName);
  const access = await awsAccess(options, environment, ask);
  const { region } = access;
  const clients = makeClients(access);
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await clients.cloudformation();
  const command = new DescribeStacksCommand({ StackName: stack });
  const { Stacks: [found] = [] } = await client
    .send(command, signal && { abortSignal: signal })
    .catch((error: Error) => {
      if (!/does not exist/.test(error.message)) throw error;
      throw new UsageError(
        `there is no stack "${stack}" in ${region} with these credentials: choose another one with --stack or UPLOAD_LEDGER_STACK, or another --region or --profile`,
      );
    });
  // A page to sign in on is read as an answer without any content.
  if (found === undefined) throw new UsageError(notAws('an answer without a stack'));
  const values = Object.fromEntries(
    (found.Outputs ?? []).map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]),
  );
  const resources = toResources(values, stack, region);
  return { name: `stack ${stack} in ${region}`, isLocal: false, stackName: stack, resources, clients };
}

/** An endpoint of our own has neither a FIPS nor a dual-stack form, whatever the environment asks for. */
const OWN_ENDPOINT = { credentials: LOCAL_CREDENTIALS, useFipsEndpoint: false, useDualstackEndpoint: false } as const;

function createClients(given: ClientSettings): CliClients {
  const made: { destroy(): void }[] = [];
  const onFirstUse = <Client extends { destroy(): void }>(make: () => Promise<Client>) =>
    once(async () => {
      const client = await make();
      made.push(client);
      return client;
    });
  const local = 'endpoints' in given ? given.endpoints : undefined;
  const settings = 'endpoints' in given ? { region: given.region, ...OWN_ENDPOINT } : given;
  const table = local && { endpoint: local.dynamodb };
  const services = local && { endpoint: local.services };
  return {
    cloudformation: onFirstUse(async () => {
      const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
      return new CloudFormationClient(settings);
    }),
    cloudwatch: onFirstUse(async () => {
      const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
      return new CloudWatchClient(settings);
    }),
    dynamodb: onFirstUse(async () => {
      const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
      return new DynamoDBClient({ ...settings, ...table });
    }),
    eventbridge: onFirstUse(async () => {
      const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
      return new EventBridgeClient({ ...settings, ...(local && { endpoint: local.events }) });
    }),
    lambda: onFirstUse(async () => {
      const { LambdaClient } = await import('@aws-sdk/client-lambda');
      return new LambdaClient(settings);
    }),
    s3: onFirstUse(async () => {
      const { S3Client } = await import('@aws-sdk/client-s3');
      return new S3Client({ ...settings, ...services, ...(services && { forcePathStyle: true }) });
    }),
    scheduler: onFirstUse(async () => {
      const { SchedulerClient } = await import('@aws-sdk/client-scheduler');
      return new SchedulerClient(settings);
    }),
    ses: onFirstUse(async () => {
      const { SESClient } = await import('@aws-sdk/client-ses');
      return new SESClient(settings);
    }),
    sqs: onFirstUse(async () => {
      const { SQSClient } = await import('@aws-sdk/client-sqs');
      return new SQSClient({ ...settings, ...services, useQueueUrlAsEndpoint: false });
    }),
    destroy: () => {
      for (const client of made) client.destroy();
    },
  };
}

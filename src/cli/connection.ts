import { DEFAULTS } from '../contract/defaults.ts';
import { type ListedDigest, OUTPUTS, parseDigestList } from '../contract/outputs.ts';
import type { FoundSettings } from '../ledger/reconcile/found-record.ts';
import type { RecordSource } from '../ledger/record.ts';
import type { LocalEndpoints } from '../local/identity.ts';
import { type ListedTick, runningStack, type StackFile } from '../local/stack-file.ts';
import { parseKeyTemplate } from '../shared/key-template.ts';
import { type CliClients, type ClientSettings, createClients } from './clients.ts';
import { UsageError } from './errors.ts';

/** Which ledger the user means. */
export interface ConnectionOptions {
  /** Profile of the AWS configuration files. */
  readonly profile?: string;
  readonly region?: string;
  /** Name of the CloudFormation stack whose outputs name the resources. */
  readonly stack?: string;
  /** The local stack of this checkout. */
  readonly local?: boolean;
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
  /** Of the local stack: the messages by which its digests are sent. */
  readonly ticks?: readonly ListedTick[];
  readonly clients: CliClients;
}

/**
 * Finds the ledger: the one that the options name; without any, the local stack that runs in the checkout at `directory`, else the
 * stack `UploadLedger` on AWS, with the SDK's usual credentials and Region.
 *
 * @throws UsageError when the options contradict each other or name nothing that is there.
 * @throws the SDK's errors, when AWS cannot be asked.
 */
export async function connect(
  options: ConnectionOptions,
  directory: string,
  signal?: AbortSignal,
  makeClients: (settings: ClientSettings) => CliClients = createClients,
): Promise<OpenLedger> {
  const namesAws = options.profile !== undefined || options.region !== undefined || options.stack !== undefined;
  if (options.local && namesAws) {
    throw new UsageError('--local goes without --profile, --region and --stack: those name a ledger on AWS');
  }
  const stack = namesAws ? undefined : await runningStack(directory);
  if (stack !== undefined) return localLedger(stack, makeClients);
  if (options.local) throw new UsageError('no local stack runs in this checkout: start one with "npm start"');
  return deployedLedger(options, makeClients, signal);
}

function localLedger(stack: StackFile, makeClients: (settings: ClientSettings) => CliClients): OpenLedger {
  const { pid: _, endpoints, ticks, ...resources } = stack;
  return {
    name: 'the local stack',
    isLocal: true,
    resources,
    endpoints,
    ...(ticks !== undefined && { ticks }),
    clients: makeClients({ region: stack.region, endpoints }),
  };
}

async function deployedLedger(
  { profile, region, stack = DEFAULTS.stackName }: ConnectionOptions,
  makeClients: (settings: ClientSettings) => CliClients,
  signal?: AbortSignal,
): Promise<OpenLedger> {
  const clients = makeClients({ ...(profile !== undefined && { profile }), ...(region !== undefined && { region }) });
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await clients.cloudformation();
  const resolvedRegion = await client.config.region();
  const command = new DescribeStacksCommand({ StackName: stack });
  const answer = await client.send(command, signal && { abortSignal: signal }).catch((error: Error) => {
    if (!/does not exist/.test(error.message)) throw error;
    throw new UsageError(
      `there is no stack "${stack}" in ${resolvedRegion} with these credentials: name it with --stack, and --region or --profile where they differ`,
    );
  });
  const outputs = answer.Stacks?.[0]?.Outputs ?? [];
  const values = Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]));
  const resources = toResources(values, stack, resolvedRegion);
  return { name: `stack ${stack} in ${resolvedRegion}`, isLocal: false, stackName: stack, resources, clients };
}

/** The resources of a ledger, and the settings that its records depend on. */
export interface LedgerResources {
  readonly region: string;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly bucketName: string;
  /** Absent: the local stack does not name it. */
  readonly functionName?: string;
  /** Shards of both indexes, 1 or more. */
  readonly indexShards: number;
  /** Which part of a key names the uploader. Absent: none does. */
  readonly uploaderKeyTemplate?: string;
  /** Days after which a record expires. Absent: never. */
  readonly retentionDays?: number;
  /** Absent: the stack sends none. */
  readonly digests?: readonly ListedDigest[];
}

/**
 * The resources that a stack's outputs name.
 *
 * @throws UsageError when an output is missing: the stack is another one, or was deployed by an older version.
 */
export function toResources(
  outputs: Readonly<Record<string, string | undefined>>,
  stack: string,
  region: string,
): LedgerResources {
  const requiredOutput = (name: string) => {
    const value = outputs[name];
    if (value) return value;
    throw new UsageError(
      `stack "${stack}" has no output ${name}: it is no upload-ledger stack, or was deployed by an older version (deploy it again)`,
    );
  };
  const digests = parseDigestList(outputs[OUTPUTS.digests]);
  const template = outputs[OUTPUTS.uploaderKeyTemplate];
  const retentionDays = Number(outputs[OUTPUTS.retentionDays]);
  return {
    region,
    tableName: requiredOutput(OUTPUTS.tableName),
    queueUrl: requiredOutput(OUTPUTS.queueUrl),
    deadLetterQueueUrl: requiredOutput(OUTPUTS.deadLetterQueueUrl),
    bucketName: requiredOutput(OUTPUTS.bucketName),
    functionName: requiredOutput(OUTPUTS.functionName),
    indexShards: Number(requiredOutput(OUTPUTS.indexShards)),
    ...(template && { uploaderKeyTemplate: template }),
    ...(retentionDays > 0 && { retentionDays }),
    ...(digests.length > 0 && { digests }),
  };
}

/** The settings with which the stack's function writes records, so that all records are alike. */
export function recordSettings(resources: LedgerResources, source: RecordSource): FoundSettings {
  const { indexShards, uploaderKeyTemplate: template, retentionDays } = resources;
  return {
    uploads: template === undefined ? {} : { uploaderKeyTemplate: parseKeyTemplate(template) },
    records: { indexShards, source, ...(retentionDays !== undefined && { retentionDays }) },
  };
}

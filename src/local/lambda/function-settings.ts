import { randomUUID } from 'node:crypto';
import { devNull } from 'node:os';
import path from 'node:path';
import { UploadLedgerError } from '../../shared/errors.ts';
import { LOCAL_ACCOUNT_ID } from '../identity.ts';
import type { FunctionResource } from '../template/resources.ts';

/** A function as its template declares it, plus where its code is on this machine and what it may reach. */
export interface FunctionSettings
  extends Pick<FunctionResource, 'name' | 'codeDirectory' | 'handler' | 'environment' | 'memoryMb' | 'timeoutSeconds'>,
    Partial<Pick<FunctionResource, 'logFormat' | 'applicationLogLevel'>> {
  readonly region: string;
  /** What the execution role would give. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** `AWS_ENDPOINT_URL` and its forms for one service (`AWS_ENDPOINT_URL_SQS`). @default none: the SDK reaches AWS */
  readonly endpoints?: Readonly<Record<`AWS_ENDPOINT_URL${string}`, string>>;
  /** Seconds from the start of the process to its readiness. @default 10, as on Lambda */
  readonly initTimeoutSeconds?: number;
}

/** The only version of a function that was never published. */
const FUNCTION_VERSION = '$LATEST';

/** Share of the memory that the JavaScript heap may take before the process dies for lack of it. */
const HEAP_SHARE = 0.9;

/**
 * Variables that Lambda keeps for itself; a function that sets one of them cannot be deployed.
 *
 * Source: Lambda's documentation, "Defined runtime environment variables".
 */
const RESERVED: ReadonlySet<string> = new Set([
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
]);

/** @throws UploadLedgerError `reserved-variable` */
export function assertNoneReserved({ name, environment }: Pick<FunctionSettings, 'name' | 'environment'>): void {
  const reserved = Object.keys(environment).filter((variable) => RESERVED.has(variable));
  if (reserved.length === 0) return;
  throw new UploadLedgerError(
    'reserved-variable',
    `The function ${name} sets ${reserved.join(', ')}, which Lambda reserves and refuses on deployment: rename or remove.`,
  );
}

export function functionArn({ region, name }: Pick<FunctionSettings, 'region' | 'name'>): string {
  return `arn:aws:lambda:${region}:${LOCAL_ACCOUNT_ID}:function:${name}`;
}

/**
 * A name for one execution environment, in the shape of Lambda's log streams.
 *
 * @param now Epoch milliseconds.
 */
export function newLogStream(now: number): string {
  const date = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${date}/[${FUNCTION_VERSION}]${randomUUID().replaceAll('-', '')}`;
}

/**
 * Everything that a function finds in its environment: its own variables and Lambda's, nothing of the developer's.
 *
 * @param runtimeApi Host and port of the Runtime API.
 * @param logStream Unique to one execution environment.
 */
export function executionVariables(
  settings: FunctionSettings,
  runtimeApi: string,
  logStream: string,
): Record<string, string> {
  const { sessionToken } = settings.credentials;
  return {
    // Without a HOME the SDK would look for these in the developer's own.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: [path.dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(path.delimiter),
    ...settings.environment,
    ...settings.endpoints,
    _HANDLER: settings.handler,
    AWS_REGION: settings.region,
    AWS_DEFAULT_REGION: settings.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_FUNCTION_NAME: settings.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: FUNCTION_VERSION,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: settings.logFormat ?? 'Text',
    ...(settings.logFormat === 'JSON' && { AWS_LAMBDA_LOG_LEVEL: settings.applicationLogLevel ?? 'INFO' }),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${settings.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: settings.codeDirectory,
    LAMBDA_RUNTIME_DIR: import.meta.dirname,
    AWS_ACCESS_KEY_ID: settings.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: settings.credentials.secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** Node's own arguments: a heap so large that running out of memory is as real as on Lambda. */
export function executionArguments({ memoryMb }: Pick<FunctionSettings, 'memoryMb'>): string[] {
  return [`--max-old-space-size=${Math.floor(memoryMb * HEAP_SHARE)}`];
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EmailSettings } from '../contract/email-settings.ts';
import { ENVIRONMENT } from '../contract/environment.ts';
import { errorMessage, UploadLedgerError } from '../shared/errors.ts';
import { type KeyTemplate, parseKeyTemplate } from '../shared/key-template.ts';

/** What the stack configures, read from the function's environment. */
interface ConsumerConfig {
  readonly tableName: string;
  readonly deadLetterQueueUrl: string;
  readonly indexShards: number;
  /** What metrics and log lines call this ledger. */
  readonly serviceName: string;
  /** Absent only outside of Lambda. */
  readonly region?: string;
  /** The buckets whose uploads are recorded, as far as the stack knows them: none behind a topic. */
  readonly bucketNames: readonly string[];
  /** Whether metrics of uploads are told apart by category. */
  readonly metricsByCategory: boolean;
  /** Default: none, the uploader is the signer. */
  readonly uploaderKeyTemplate?: KeyTemplate;
  /** Whether the uploader is looked up in the object's metadata. */
  readonly uploaderMetadata: boolean;
  /** Default: records are kept for ever. */
  readonly retentionDays?: number;
  /** Default: neither digests nor alerts, and no batch summaries. */
  readonly email?: EmailSettings;
  /** Of the uploads queue, where alerts wait that could not be sent. Empty without email. */
  readonly queueUrl: string;
  /** Whether ticks say where the window of their digest ends. */
  readonly ticksSetEnd: boolean;
}

/** The function's environment is not what the stack writes. Raised at start, with every issue at once. */
export class EnvironmentError extends UploadLedgerError {
  override readonly name = 'EnvironmentError';

  constructor(issues: readonly string[]) {
    super('invalid-environment', `The function's environment variables are wrong. ${issues.join(' ')}`);
  }
}

/** Where Lambda unpacks the function. */
const TASK_ROOT = 'LAMBDA_TASK_ROOT';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the function's environment.
 *
 * @throws {EnvironmentError}
 */
export function readConfig(environment: Environment = process.env): ConsumerConfig {
  const issues: string[] = [];
  const read = <T>(name: string, parse: (text: string | undefined, name: string) => T): T | undefined => {
    try {
      return parse(environment[name] || undefined, name);
    } catch (error) {
      issues.push(errorMessage(error));
      return undefined;
    }
  };
  const uploaderKeyTemplate = read(ENVIRONMENT.uploaderKeyTemplate, optional(keyTemplate));
  const retentionDays = read(ENVIRONMENT.retentionDays, optional(wholeNumber));
  const emailFile = read(ENVIRONMENT.emailSettings, optional(required));
  const email = emailFile === undefined ? undefined : read(TASK_ROOT, (root) => emailSettings(root, emailFile));
  const config = {
    tableName: read(ENVIRONMENT.tableName, required) ?? '',
    deadLetterQueueUrl: read(ENVIRONMENT.deadLetterQueueUrl, url) ?? '',
    indexShards: read(ENVIRONMENT.indexShards, wholeNumber) ?? 1,
    serviceName: read(ENVIRONMENT.serviceName, required) ?? '',
    ...(environment.AWS_REGION !== undefined && { region: environment.AWS_REGION }),
    bucketNames: read(ENVIRONMENT.bucketNames, optional(required))?.split(',') ?? [],
    metricsByCategory: read(ENVIRONMENT.metricsByCategory, optional(required)) !== 'false',
    uploaderMetadata: read(ENVIRONMENT.uploaderMetadata, optional(required)) === 'true',
    ...(uploaderKeyTemplate !== undefined && { uploaderKeyTemplate }),
    ...(retentionDays !== undefined && { retentionDays }),
    queueUrl: emailFile === undefined ? '' : (read(ENVIRONMENT.queueUrl, url) ?? ''),
    ticksSetEnd: environment[ENVIRONMENT.ticksSetEnd] === 'true',
    ...(email !== undefined && { email }),
  };
  if (issues.length > 0) throw new EnvironmentError(issues);
  return config;
}

function required(text: string | undefined, name: string): string {
  if (text === undefined) throw new TypeError(`Expected ${name} to be set; it is not.`);
  return text;
}

function optional<T>(parse: (text: string | undefined, name: string) => T) {
  return (text: string | undefined, name: string) => (text === undefined ? undefined : parse(text, name));
}

function url(text: string | undefined, name: string): string {
  const value = required(text, name);
  if (!URL.canParse(value)) throw new TypeError(`Expected ${name} to be a URL; got ${JSON.stringify(value)}.`);
  return value;
}

function wholeNumber(text: string | undefined, name: string): number {
  const value = required(text, name);
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    throw new TypeError(`Expected ${name} to be a whole number of 1 or more; got ${JSON.stringify(value)}.`);
  }
  return Number(value);
}

/** The stack has checked them when it wrote the file. */
function emailSettings(root = '', file: string): EmailSettings {
  try {
    return JSON.parse(readFileSync(path.resolve(root, file), 'utf8'));
  } catch (cause) {
    throw new TypeError(`Expected ${ENVIRONMENT.emailSettings} to name a file of JSON: ${errorMessage(cause)}`, {
      cause,
    });
  }
}

function keyTemplate(text: string | undefined, name: string): KeyTemplate {
  try {
    return parseKeyTemplate(required(text, name));
  } catch (cause) {
    throw new TypeError(`${name}: ${errorMessage(cause)}`, { cause });
  }
}

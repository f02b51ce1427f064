import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EmailSettings } from '../contract/email-settings.ts';
import { ENVIRONMENT } from '../contract/environment.ts';
import { type Environment, environmentReader, optional, required, url, wholeNumber } from '../shared/environment.ts';
import { errorMessage } from '../shared/errors.ts';
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
  /** Whether alerts and digests are events for other systems as well. */
  readonly announcesEmails: boolean;
  /** Whether ticks say where the window of their digest ends. */
  readonly ticksSetEnd: boolean;
}

/** Where Lambda unpacks the function. */
const TASK_ROOT = 'LAMBDA_TASK_ROOT';

/**
 * Reads the function's environment.
 *
 * @throws {EnvironmentError}
 */
export function readConfig(environment: Environment = process.env): ConsumerConfig {
  const { read, assertValid } = environmentReader(environment);
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
    announcesEmails: environment[ENVIRONMENT.announcesEmails] === 'true',
    ticksSetEnd: environment[ENVIRONMENT.ticksSetEnd] === 'true',
    ...(email !== undefined && { email }),
  };
  assertValid();
  return config;
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

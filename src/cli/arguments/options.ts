import { type Command, Option } from 'commander';
import { CATEGORIES, type Category, UPLOAD_STATUSES, type UploadStatus } from '../../contract/uploads.ts';
import { CLOCK_SLACK_MS } from '../../ledger/read/newest.ts';
import type { RecordFilters, TimeRange } from '../../ledger/read/query.ts';
import { isCheckout } from '../checkout.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { parsePort, parseSize } from './numbers.ts';
import { parseDuration, parseWhen } from './time.ts';

/**
 * Adds the options that say where the ledger is: see `ConnectionOptions`. The help of the installed package, which has no
 * local stack, leaves out those that name one.
 */
export function addConnectionOptions(command: Command): Command {
  const byDefault = isCheckout() ? 'a local stack that runs here, else stack UploadLedger' : 'stack UploadLedger';
  return command
    .optionsGroup(`Where (default: ${byDefault} on AWS):`)
    .addOption(new Option('--local', 'the local stack of this checkout').hideHelp(!isCheckout()))
    .addOption(localPortOption().hideHelp(!isCheckout()))
    .addOption(
      new Option('--stack <name>', 'the CloudFormation stack whose outputs name the ledger (or UPLOAD_LEDGER_STACK)'),
    )
    .addOption(new Option('--region <region>', 'AWS Region, if it is not your usual one'))
    .addOption(new Option('--profile <name>', 'profile of the AWS configuration'));
}

export function localPortOption(): Option {
  return new Option('--local-port <number>', 'the local stack whose S3 has this port').argParser(parsePort);
}

/** Queues in which messages wait for a person. */
const DEAD_LETTER_QUEUES = ['uploads', 'deliveries'] as const;

/** Which of them a command is about. */
export interface QueueOptions {
  readonly queue: (typeof DEAD_LETTER_QUEUES)[number];
}

/** What the messages in them are called. */
export const QUEUE_WORDS = {
  uploads: { one: 'dead letter', many: 'dead letters', queue: 'dead-letter queue' },
  deliveries: { one: 'failed delivery', many: 'failed deliveries', queue: 'queue of failed deliveries' },
} as const;

/** Adds `--queue`. */
export function addQueueOption(command: Command): Command {
  return command
    .optionsGroup('Which queue:')
    .addOption(
      new Option(
        '--queue <name>',
        'uploads: what could not be recorded; deliveries: what could not be delivered to webhooks',
      )
        .choices(DEAD_LETTER_QUEUES)
        .default('uploads'),
    );
}

/** The filter options of a command, as commander gives them. */
export interface FilterOptions {
  readonly bucket?: string;
  readonly prefix?: string;
  readonly contains?: string;
  readonly uploader?: string;
  readonly category?: Category;
  readonly status?: UploadStatus;
  /** Bytes. */
  readonly minSize?: number;
}

/** Adds the options that choose records. A record must match all of them. */
export function addFilterOptions(command: Command): Command {
  return command
    .optionsGroup('Which records:')
    .option('--prefix <text>', 'keys that begin with this')
    .option('--contains <text>', 'keys with this anywhere in them')
    .option('--uploader <name>', 'by this uploader')
    .option('--bucket <name>', 'in this bucket')
    .addOption(new Option('--category <category>', 'kind of content').choices(CATEGORIES))
    .addOption(new Option('--status <status>', 'what happened').choices(UPLOAD_STATUSES))
    .option('--min-size <size>', 'at least this size ("10MB", "1GiB")', parseSize);
}

export function toFilters(options: FilterOptions): RecordFilters {
  const { bucket, prefix, contains, uploader, category, status, minSize } = options;
  return {
    ...(bucket !== undefined && { bucket }),
    ...(prefix !== undefined && { prefix }),
    ...(contains !== undefined && { contains }),
    ...(uploader !== undefined && { uploader }),
    ...(category !== undefined && { category }),
    ...(status !== undefined && { status }),
    ...(minSize !== undefined && { minBytes: minSize }),
  };
}

/** The time options of a command, as commander gives them. */
export interface RangeOptions {
  /** Inclusive. */
  readonly since?: Date;
  /** Exclusive. */
  readonly until?: Date;
}

/** Adds `--since` and `--until`. */
export function addRangeOptions(command: Command, context: CliContext, sinceDefault: string): Command {
  const when = (edge: 'since' | 'until') => (text: string) => parseWhen(text, edge, context.clock.now());
  return command
    .optionsGroup('When (15m, 2h, 3d or 1w ago, or in UTC 2026-11-01 or 2026-11-01T10:00):')
    .option('--since <when>', `since this time (default: ${sinceDefault})`, when('since'))
    .option('--until <when>', 'until this time; a date counts as a whole day (default: now)', when('until'));
}

/**
 * The range of time. Without `since` it begins `defaultMilliseconds` before its end, or before now where that is
 * earlier. It ends soon: no record is of a later time, and each day of the range costs queries.
 *
 * @throws UsageError when it ends before it begins, or begins in the future.
 */
export function toRange({ since, until }: RangeOptions, now: number, defaultMilliseconds: number): TimeRange {
  const begin = since ?? new Date(Math.min(until?.getTime() ?? now, now) - defaultMilliseconds);
  const soon = now + CLOCK_SLACK_MS;
  const end = until ?? new Date(soon);
  if (begin.getTime() > now) {
    throw new UsageError(`--since (${begin.toISOString()}) is in the future: it is now ${new Date(now).toISOString()}`);
  }
  if (begin >= end) {
    throw new UsageError(`--since (${begin.toISOString()}) must be before --until (${end.toISOString()})`);
  }
  return { since: begin, until: new Date(Math.min(end.getTime(), soon)) };
}

/** `--grace`. */
export function graceOption(): Option {
  return new Option(
    '--grace <duration>',
    'skip objects younger than this: their notifications may still arrive (default: as long as the queue may take)',
  ).argParser(parseDuration);
}

import { EventEmitter } from 'node:events';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { ConnectionOptions, OpenLedger } from '../../src/cli/connection.ts';
import type { CliContext } from '../../src/cli/context.ts';
import { StopReason } from '../../src/cli/errors.ts';
import { createOutput, type OutputStream } from '../../src/cli/output/output.ts';
import { run } from '../../src/cli/program.ts';
import type { ReaderTable } from '../../src/ledger/read/query.ts';
import { systemClock } from '../../src/shared/clock.ts';

/** The bucket of the ledger that {@link ledgerOf} opens. */
export const OWN_BUCKET = 'uploads-bucket';

export const NOW = new Date('2026-11-22T12:00:00Z');

/** A stream that keeps, or tells, what is written to it. */
export class MemoryStream extends EventEmitter implements OutputStream {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';
  onWrite: ((text: string) => boolean | undefined) | undefined;

  /** @param columns Of the terminal. 0: none. */
  constructor(columns: number) {
    super();
    this.isTTY = columns > 0;
    this.columns = columns;
  }

  write(text: string): boolean {
    if (this.onWrite !== undefined) return this.onWrite(text) ?? true;
    this.text += text;
    return true;
  }
}

export interface CliRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** What the command asked to be connected to. */
  readonly connections: readonly ConnectionOptions[];
}

export interface CliWorld {
  readonly ledger?: OpenLedger;
  /** Columns of the terminal. Default 0: a pipe. */
  readonly columns?: number;
  readonly wantsColour?: boolean;
  readonly now?: () => Date;
  /** What the user answers to a question. Default: there is nobody to ask. */
  readonly answer?: string;
  /** @default waits indeed */
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Gets the output and the signal's controller before the command runs. */
  readonly prepare?: (stdout: MemoryStream, stop: AbortController) => void;
}

/** Runs `upload-ledger ARGS` in this process. */
export async function runCli(args: readonly string[], world: CliWorld = {}): Promise<CliRun> {
  const { ledger, columns = 0, wantsColour = false, now = () => NOW } = world;
  const stop = new AbortController();
  const [stdout, stderr] = [new MemoryStream(columns), new MemoryStream(columns)];
  world.prepare?.(stdout, stop);
  const connections: ConnectionOptions[] = [];
  const onClosed = () => stop.abort(new StopReason('closed', 0));
  const context: CliContext = {
    stdout: createOutput(stdout, { wantsColour, onClosed }),
    stderr: createOutput(stderr, { wantsColour }),
    clock: { ...systemClock, now: () => now().getTime(), ...(world.sleep && { sleep: world.sleep }) },
    signal: stop.signal,
    connect: async (options) => {
      connections.push(options);
      if (ledger === undefined) throw new Error('the command was not meant to look for a ledger');
      return ledger;
    },
    ...(world.answer !== undefined && { ask: (question) => answerTo(question, world.answer ?? '', stderr) }),
    exitCode: 0,
  };
  const exitCode = await run(args, context);
  return { stdout: stdout.text, stderr: stderr.text, exitCode, connections };
}

/** As on a terminal, where question and answer are on one line. */
async function answerTo(question: string, answer: string, stderr: MemoryStream): Promise<string> {
  stderr.write(`${question}${answer}\n`);
  return answer;
}

/** Queues of a test's ledger. */
export interface TestQueues {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** The ledger whose table is `table`. */
export function ledgerOf({ client, tableName, indexShards }: ReaderTable, queues?: TestQueues): OpenLedger {
  return {
    name: 'a test',
    isLocal: false,
    resources: {
      region: 'eu-west-1',
      tableName,
      queueUrl: queues?.queueUrl ?? '',
      deadLetterQueueUrl: queues?.deadLetterQueueUrl ?? '',
      bucketName: OWN_BUCKET,
      indexShards,
    },
    clients: {
      dynamodb: async () => client as DynamoDBClient,
      cloudformation: unused,
      cloudwatch: unused,
      eventbridge: unused,
      lambda: unused,
      s3: unused,
      scheduler: unused,
      ses: unused,
      sqs: queues === undefined ? unused : async () => queues.client,
      destroy: () => undefined,
    },
  };
}

/** A client that a command was not meant to ask for. */
async function unused(): Promise<never> {
  throw new Error('this client is not used here');
}

/** The lines of `text`, without the end of the last. */
export function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

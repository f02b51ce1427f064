import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { ListedDigest } from '../contract/outputs.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { LocalEndpoints } from './identity.ts';

/** Where a running local stack says what it is, below the checkout's directory. */
export const STACK_FILE = path.join('.cache', 'local-stack.json');

/** What another process needs to work with a running local stack. Holds no secret. */
export interface StackFile {
  /** The process that runs the stack. */
  readonly pid: number;
  readonly endpoints: LocalEndpoints;
  readonly region: string;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly bucketName: string;
  /** Shards of both indexes, 1 or more. */
  readonly indexShards: number;
  /** Which part of a key names the uploader. Absent: none does. */
  readonly uploaderKeyTemplate?: string;
  /** Days after which a record expires. Absent: never. */
  readonly retentionDays?: number;
  /** Absent: the stack sends none. */
  readonly digests?: readonly ListedDigest[];
  /** The messages of their schedules. */
  readonly ticks?: readonly ListedTick[];
}

/** The message that a schedule sends for one digest. */
export interface ListedTick {
  readonly name: string;
  /** As `digestTickInput` writes it. */
  readonly input: string;
}

/** A stack file that is there and says nothing of use. */
export class StackFileError extends UploadLedgerError {
  override readonly name = 'StackFileError';

  constructor(file: string, fault: string, options?: ErrorOptions) {
    const advice = 'Stop the local stack if one runs, delete the file, and start it again with "npm start".';
    super('stack-file-unreadable', `${file} does not describe a local stack: ${fault}. ${advice}`, options);
  }
}

/** Says that a stack runs. Whoever reads at the same time sees the old file or the new one, never half of it. */
export async function writeStackFile(directory: string, stack: StackFile): Promise<void> {
  const file = path.join(directory, STACK_FILE);
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${stack.pid}`;
  await writeFile(draft, `${JSON.stringify(stack, undefined, 2)}\n`);
  await rename(draft, file);
}

/**
 * The stack file of the checkout at `directory`, or `undefined` when there is none. The stack may have died since it was written:
 * see {@link runningStack}.
 *
 * @throws StackFileError when the file is not what {@link writeStackFile} writes.
 */
export async function readStackFile(directory: string): Promise<StackFile | undefined> {
  const file = path.join(directory, STACK_FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new StackFileError(file, 'it cannot be read', { cause: error });
  });
  return text === undefined ? undefined : parseStackFile(text, file);
}

/**
 * The stack that runs in the checkout at `directory`, or `undefined`. A file that a killed stack left behind counts as none: its
 * process is gone, or nothing listens where it said (process ids are used again).
 *
 * @throws StackFileError as {@link readStackFile}.
 */
export async function runningStack(directory: string): Promise<StackFile | undefined> {
  const stack = await readStackFile(directory);
  if (stack === undefined || !isRunning(stack.pid)) return undefined;
  return (await answersAt(stack.endpoints.dynamodb)) ? stack : undefined;
}

/** Says that the stack of process `pid` no longer runs. The file of a stack that has started since is left alone. */
export async function removeStackFile(directory: string, pid: number): Promise<void> {
  const stack = await readStackFile(directory);
  if (stack?.pid === pid) await rm(path.join(directory, STACK_FILE), { force: true });
}

function parseStackFile(text: string, file: string): StackFile {
  const value = parseJson(text, file);
  const fault = faultOf(value);
  if (fault !== undefined) throw new StackFileError(file, fault);
  return value as StackFile;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StackFileError(file, 'it is not JSON', { cause });
  }
}

/** The first thing that keeps `value` from being a {@link StackFile}. */
function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is not an object';
  const fields = value as Record<string, unknown>;
  const endpoints = { ...(fields.endpoints as object) } as Record<string, unknown>;
  const numbers = (['pid', 'indexShards'] as const).filter((name) => !isPositive(fields[name]));
  const texts = (['region', 'tableName', 'queueUrl', 'deadLetterQueueUrl', 'bucketName'] as const).filter(
    (name) => !isText(fields[name]),
  );
  const addresses = (['services', 'dynamodb', 'ses'] as const).filter((name) => !isAddress(endpoints[name]));
  const lists = (['digests', 'ticks'] as const).filter(
    (name) => fields[name] !== undefined && !Array.isArray(fields[name]),
  );
  const [first] = [...numbers, ...texts, ...addresses.map((name) => `endpoints.${name}`), ...lists];
  return first && `${first} is missing or of the wrong kind`;
}

function isPositive(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isAddress(value: unknown): boolean {
  return isText(value) && URL.canParse(value as string);
}

/** Longest wait for a connection on this machine, in milliseconds. One that is there answers within one. */
const CONNECT_MILLISECONDS = 2_000;

/** Whether a process of this id exists, whoever it belongs to. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is one, but it is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether something listens at `address`, such as `http://127.0.0.1:41234`. */
export async function answersAt(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 80) });
    const settle = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(CONNECT_MILLISECONDS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

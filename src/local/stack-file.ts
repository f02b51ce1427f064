import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { EmailSettings } from '../contract/email-settings.ts';
import type { ListedDigest } from '../contract/outputs.ts';
import type { RecordedScope } from '../ledger/reconcile/recorded-scope.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { LocalEndpoints } from './identity.ts';

/** Where running local stacks say what they are, below the checkout's directory: one file a process. */
export const STACKS_DIRECTORY = path.join('.cache', 'local-stacks');

/** Longest wait for a connection on this machine. A server that runs answers within a millisecond. */
const CONNECT_TIMEOUT_MS = 2_000;

/** What another process needs to work with a running local stack. Holds no secret. */
export interface StackFile {
  /** The process that runs the stack. */
  readonly pid: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endpoints: LocalEndpoints;
  readonly region: string;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly bucketName: string;
  /** Shards of both indexes, 1 or more. */
  readonly indexShards: number;
  /** Which objects and events are recorded. Absent: all. */
  readonly recorded?: RecordedScope;
  /** Which part of a key names the uploader. Absent: none does. */
  readonly uploaderKeyTemplate?: string;
  /** Days after which a record expires. Absent: never. */
  readonly retentionDays?: number;
  /** Absent: the stack sends none. */
  readonly digests?: readonly ListedDigest[];
  /** What the function is configured with for email. Absent: it sends none. */
  readonly email?: EmailSettings;
  /** The messages of the digests' schedules. */
  readonly ticks?: readonly ListedTick[];
}

/** The message that a schedule sends for one digest. */
export interface ListedTick {
  readonly name: string;
  /** As `digestTickInput` writes it. */
  readonly input: string;
}

/** Announces a running stack. Who reads at the same time finds the whole file or none. Removes what killed stacks left. */
export async function writeStackFile(directory: string, stack: StackFile): Promise<void> {
  const file = stackFile(directory, stack.pid);
  await mkdir(path.dirname(file), { recursive: true });
  for (const pid of await announcedPids(directory)) if (!isRunning(pid)) await removeStackFile(directory, pid);
  const draft = `${file}.draft`;
  await writeFile(draft, `${JSON.stringify(stack, undefined, 2)}\n`);
  await rename(draft, file);
}

/**
 * The stacks that run in the checkout at `directory`, the first that was started first. A file that a killed stack left
 * behind counts as none: its process is gone, or nothing listens at its address (process ids are used again).
 *
 * @throws UploadLedgerError `stack-file-unreadable` when a file is not what {@link writeStackFile} writes.
 */
export async function runningStacks(directory: string): Promise<readonly StackFile[]> {
  const pids = (await announcedPids(directory)).filter(isRunning);
  const stacks = await Promise.all(pids.map((pid) => readRunningStack(stackFile(directory, pid))));
  return stacks.flatMap((stack) => stack ?? []).sort((one, other) => one.startedAt - other.startedAt);
}

/** Removes the file of the stack of process `pid`. */
export async function removeStackFile(directory: string, pid: number): Promise<void> {
  await rm(stackFile(directory, pid), { force: true });
}

function stackFile(directory: string, pid: number): string {
  return path.join(directory, STACKS_DIRECTORY, `${pid}.json`);
}

/** Processes that have announced a stack, running or not. */
async function announcedPids(directory: string): Promise<number[]> {
  const names = await orNone(readdir(path.join(directory, STACKS_DIRECTORY)), directory);
  return (names ?? []).flatMap((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? []));
}

async function readRunningStack(file: string): Promise<StackFile | undefined> {
  const text = await orNone(readFile(file, 'utf8'), file);
  if (text === undefined) return undefined;
  const stack = parseStackFile(text, file);
  return (await answersAt(stack.endpoints.dynamodb)) ? stack : undefined;
}

/** What is read; `undefined` when it is not there. */
async function orNone<Value>(reading: Promise<Value>, file: string): Promise<Value | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(file, 'it cannot be read', error);
  });
}

function parseStackFile(text: string, file: string): StackFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, 'it is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw unreadable(file, 'it is not an object');
  const [wrong] = wrongFields(value, CHECKS);
  if (wrong !== undefined) throw unreadable(file, `${wrong} is missing or of the wrong kind`);
  return value as StackFile;
}

type Check = (value: unknown) => boolean;
interface Checks {
  readonly [field: string]: Check | Checks;
}

const isPositive: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isText: Check = (value) => typeof value === 'string' && value !== '';
const isAddress: Check = (value) => typeof value === 'string' && URL.canParse(value);
const isListOrAbsent: Check = (value) => value === undefined || Array.isArray(value);

/** Of the fields that commands cannot do without or would fail on. */
const CHECKS: Checks = {
  pid: isPositive,
  startedAt: isPositive,
  indexShards: isPositive,
  region: isText,
  tableName: isText,
  queueUrl: isText,
  deadLetterQueueUrl: isText,
  bucketName: isText,
  endpoints: { services: isAddress, dynamodb: isAddress, ses: isAddress, events: isAddress },
  digests: isListOrAbsent,
  ticks: isListOrAbsent,
};

/** The names of the fields that fail their check, such as `endpoints.ses`. */
function wrongFields(value: unknown, checks: Checks): string[] {
  const fields = { ...(value as object) } as Readonly<Record<string, unknown>>;
  return Object.entries(checks).flatMap(([name, check]) => {
    if (typeof check === 'function') return check(fields[name]) ? [] : [name];
    return wrongFields(fields[name], check).map((inner) => `${name}.${inner}`);
  });
}

function unreadable(file: string, issue: string, cause?: unknown): UploadLedgerError {
  const advice = 'Stop the local stack if one runs, delete the file, and start it again with "npm start".';
  const message = `${file} does not describe a local stack: ${issue}. ${advice}`;
  return new UploadLedgerError('stack-file-unreadable', message, { cause });
}

/** Whether a process of this id exists, of whatever user. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether something listens at `address`, such as `http://127.0.0.1:41234`. */
export async function answersAt(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 80) });
    const settle = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

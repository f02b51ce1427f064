import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';

export interface Invocation {
  readonly response: SQSBatchResponse;
  readonly loadedUndici: boolean;
  /** What the function printed, line by line, parsed. */
  readonly lines: readonly Record<string, unknown>[];
}

/**
 * Invokes the handler of the bundle at `entry` in a new Node process that has `environment` and nothing else.
 *
 * @throws Error with what the process wrote to standard error when it fails.
 */
export async function invokeBundle(
  entry: string,
  environment: NodeJS.ProcessEnv,
  event: SQSEvent | DynamoDBStreamEvent,
): Promise<Invocation> {
  const script = path.join(import.meta.dirname, 'invoke-bundle.ts');
  const child = spawn(process.execPath, [script, entry], { env: environment });
  child.stdin.end(JSON.stringify(event));
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  if (status !== 0) throw new Error(stderr);
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.startsWith('{'));
  const parsed: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
  const result = parsed.find((line) => 'response' in line) as unknown as Omit<Invocation, 'lines'>;
  return { ...result, lines: parsed.filter((line) => !('response' in line)) };
}

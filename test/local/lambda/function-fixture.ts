import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { EnvironmentHooks, FunctionLogLine } from '../../../src/local/lambda/execution-environment.ts';
import type { FunctionSettings } from '../../../src/local/lambda/function-settings.ts';
import { LocalFunction } from '../../../src/local/lambda/local-function.ts';
import type { InvocationOutcome } from '../../../src/local/lambda/runtime-api.ts';

/** A directory of code files, removed when the test ends. */
export function codeDirectory(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'upload-ledger-function-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
  }
  return directory;
}

/** Settings of a function whose file `index.mjs` holds `code`. */
export function functionSettings(code: string, overrides: Partial<FunctionSettings> = {}): FunctionSettings {
  return {
    name: 'under-test',
    codeDirectory: overrides.codeDirectory ?? codeDirectory({ 'index.mjs': code }),
    handler: 'index.handler',
    environment: {},
    memoryMb: 256,
    timeoutSeconds: 30,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    ...overrides,
  };
}

/** A running function, closed when the test ends, with the lines that it has written so far. */
export function runFunction(
  code: string,
  overrides: Partial<FunctionSettings> = {},
  hooks: Partial<EnvironmentHooks> = {},
): { fn: LocalFunction; lines: FunctionLogLine[] } {
  const lines: FunctionLogLine[] = [];
  const fn = new LocalFunction(functionSettings(code, overrides), { onLog: (line) => lines.push(line), ...hooks });
  onTestFinished(() => fn.close());
  return { fn, lines };
}

/** The handler's result, or a failed test with what came instead. */
export function resultOf(outcome: InvocationOutcome): unknown {
  if (outcome.outcome === 'error') throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
  return JSON.parse(outcome.payload);
}

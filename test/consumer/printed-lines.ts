import { Writable } from 'node:stream';
import { onTestFinished, vi } from 'vitest';

/**
 * The JSON lines that Powertools prints from now to the end of the test. Call it before the logger is made: Powertools
 * takes hold of standard output then.
 */
export function printedLines(): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trimEnd().split('\n')) lines.push(JSON.parse(line));
      done();
    },
  });
  for (const stream of ['stdout', 'stderr'] as const) {
    const spy = vi.spyOn(process, stream, 'get').mockReturnValue(sink as never);
    onTestFinished(() => spy.mockRestore());
  }
  return lines;
}

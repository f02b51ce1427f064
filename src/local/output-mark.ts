/** Record separator of ASCII: what stands in front of a mark, and nothing that a log line holds. */
const SEPARATOR = '\x1e';

/** Name of the mark behind everything that is written while the code is loaded. */
export const LOADED = 'loaded';

/**
 * What the runtime client writes to stdout and stderr behind all output of an invocation. Output and answer take different
 * ways to the parent process: without a mark it could not tell whether it has read everything.
 *
 * @param name The invocation's request id, or {@link LOADED}.
 */
export function outputMark(name: string): string {
  return `${SEPARATOR}${name}\n`;
}

/** Parts a line into what the function wrote and the mark behind it. Both are absent in some line. */
export function splitMark(line: string): { readonly text?: string; readonly mark?: string } {
  const at = line.lastIndexOf(SEPARATOR);
  if (at < 0) return { text: line };
  const mark = line.slice(at + 1);
  return at === 0 ? { mark } : { text: line.slice(0, at), mark };
}

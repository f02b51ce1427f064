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

/** Takes the runtime client's marks out of one stream of a function's output, and lets others wait for them. */
export class OutputMarks {
  #last: string | undefined;
  #hasEnded = false;
  #waiting: { readonly mark: string; readonly resolve: () => void } | undefined;

  /** Hands on what the function wrote in this line, then notes the mark behind it. */
  take(line: string, onText: (text: string) => void): void {
    const { text, mark } = splitMark(line);
    if (text !== undefined) onText(text);
    if (mark === undefined) return;
    this.#last = mark;
    if (this.#waiting?.mark === mark) this.#waiting.resolve();
  }

  /** The stream has ended: no mark will come any more. */
  end(): void {
    this.#hasEnded = true;
    this.#waiting?.resolve();
  }

  /** Settles when this mark is the last that was read, or the stream has ended. One may wait at a time. */
  seen(mark: string): Promise<void> {
    if (this.#hasEnded || this.#last === mark) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { mark, resolve };
    });
  }
}

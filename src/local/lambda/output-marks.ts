/** Record separator of ASCII: what begins a mark, and nothing that a log line holds. */
const SEPARATOR = '\x1e';

/** Name of the mark behind everything that is written while the code is loaded. */
export const LOADED = 'loaded';

/**
 * What the runtime client writes to stdout and stderr behind all output of an invocation. Output and answer take
 * different ways to the parent process: without a mark it could not tell whether it has read everything.
 *
 * @param name The invocation's request id, or {@link LOADED}.
 */
export function outputMark(name: string): string {
  return `${SEPARATOR}${name}\n`;
}

/** Takes the runtime client's marks out of one stream of a function's output, and lets others wait for them. */
export class OutputMarks {
  #last: string | undefined;
  #hasEnded = false;
  #waiting: { readonly mark: string; readonly resolve: () => void } | undefined;

  /** Hands on what the function wrote in this line, then notes the mark behind it. Either can be absent. */
  take(line: string, onText: (text: string) => void): void {
    const at = line.lastIndexOf(SEPARATOR);
    if (at !== 0) onText(at < 0 ? line : line.slice(0, at));
    if (at < 0) return;
    this.#last = line.slice(at + 1);
    if (this.#waiting?.mark === this.#last) this.#waiting.resolve();
  }

  /** The stream has ended: no mark will come any more. */
  end(): void {
    this.#hasEnded = true;
    this.#waiting?.resolve();
  }

  /** Settles when this mark is the last that was read, or the stream has ended. Only one caller may wait at a time. */
  seen(mark: string): Promise<void> {
    if (this.#hasEnded || this.#last === mark) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { mark, resolve };
    });
  }
}

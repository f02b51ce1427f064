import { splitMark } from './output-mark.ts';

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

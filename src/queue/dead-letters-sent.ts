import type { DeadLetter } from './dead-letter.ts';

/** Ids remembered at most: some ten megabytes. */
const MOST_REMEMBERED = 100_000;

/** Remembers what a redrive has sent, so that it knows a message that comes back. Forgets the oldest where there are too many. */
export class SentLetters {
  /** Id of the dead letter by the id of its sent copy. */
  readonly #origins = new Map<string, string>();
  readonly #letters = new Set<string>();

  /** @param sent Ids of the sent copies by the ids of the dead letters. */
  add(sent: ReadonlyMap<string, string>): void {
    for (const [letter, copy] of sent) {
      this.#origins.set(copy, letter);
      this.#letters.add(letter);
    }
    for (const [copy, letter] of this.#origins) {
      if (this.#origins.size <= MOST_REMEMBERED) break;
      this.#origins.delete(copy);
      this.#letters.delete(letter);
    }
  }

  /** Whether the dead letter of this id was sent. */
  has(id: string): boolean {
    return this.#letters.has(id);
  }

  /**
   * The id of the dead letter that was sent and has come back as `letter`; undefined when it is another. What is quarantined again names
   * the copy; what SQS moves after the last receive keeps its id.
   */
  originOf({ id, originalMessageId }: DeadLetter): string | undefined {
    return (
      this.#origins.get(id) ?? (originalMessageId === undefined ? undefined : this.#origins.get(originalMessageId))
    );
  }
}

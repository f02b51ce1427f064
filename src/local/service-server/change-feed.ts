import { UploadLedgerError } from '../../shared/errors.ts';
import type { ObjectChange, ObjectChangeSource } from './object-change.ts';

interface Listener {
  readonly changed: (change: ObjectChange) => void;
  readonly flush?: () => Promise<void>;
}

/** Hands object changes to listeners, in the order in which they were announced, however long each takes to describe. */
export class ChangeFeed implements ObjectChangeSource {
  readonly #listeners = new Set<Listener>();
  #tail: Promise<void> = Promise.resolve();
  #failure: unknown;

  onObjectChange(changed: (change: ObjectChange) => void, flush?: () => Promise<void>): () => void {
    const listener: Listener = { changed, ...(flush && { flush }) };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Takes a change at its place in the order; it is handed on when it and all before it are described. */
  announce(change: Promise<ObjectChange>): void {
    const before = this.#tail;
    this.#tail = Promise.all([change, before]).then(
      ([described]) => this.#handOn(described),
      (reason: unknown) => {
        this.#failure ??= reason;
      },
    );
  }

  /** Resolves when every change announced so far has been handed on. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /**
   * Resolves when every change announced so far has gone where its listeners send it.
   *
   * @throws UploadLedgerError `object-change-lost` when a change could not be described or a listener failed.
   */
  async flush(): Promise<void> {
    await this.settled();
    await Promise.all([...this.#listeners].map((listener) => listener.flush?.()));
    if (this.#failure === undefined) return;
    throw new UploadLedgerError('object-change-lost', 'An object changed and not everybody could be told of it.', {
      cause: this.#failure,
    });
  }

  #handOn(change: ObjectChange): void {
    for (const listener of this.#listeners) {
      try {
        listener.changed(change);
      } catch (reason) {
        this.#failure ??= reason;
      }
    }
  }
}

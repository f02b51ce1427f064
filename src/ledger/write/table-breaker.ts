/**
 * Remembers, from batch to batch of one execution environment, whether the table's last call failed as a whole: no
 * answer, an internal error, a missing permission. Neither throttling nor a refused item counts, for those are answers
 * of a table that works.
 *
 * While it is open, a batch sends one call alone, the probe. If the table takes it, the breaker closes and the rest of
 * the batch follows; if not, every put fails that does not wait for a further try already. So an outage costs each batch
 * one call, where eight calls would each be tried for seconds.
 *
 * It knows no time: the queue's visibility timeout is the pause between two probes of one message.
 */
export class TableBreaker {
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A call has failed as a whole. */
  open(): void {
    this.#isOpen = true;
  }

  /** The table has answered. */
  close(): void {
    this.#isOpen = false;
  }
}

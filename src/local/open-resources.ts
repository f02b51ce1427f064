import { type Clock, systemClock } from '../shared/clock.ts';
import { errorText, UploadLedgerError } from '../shared/errors.ts';

export interface OpenResourcesOptions {
  /**
   * Called before each step of opening with `open NAME` and after each step of closing with `close NAME`. What it throws
   * is an error of that step: for fault injection.
   */
  readonly onStep?: (step: string) => void | Promise<void>;
  /** Milliseconds that closing may take; then it is given up. @default as long as it takes */
  readonly closeWithinMs?: number;
  /** @default systemClock */
  readonly clock?: Pick<Clock, 'after'>;
}

/**
 * Milliseconds in which a command that runs a stack must have closed everything. The stack's own limit is shorter, and
 * names what hangs.
 */
export const CLOSE_WITHIN_MS = { stack: 6000, all: 8000 } as const;

/** What has been opened, in order. Closes in reverse order, all of it, whatever is thrown meanwhile. */
export class OpenResources {
  readonly #options: OpenResourcesOptions;
  readonly #closers = new AsyncDisposableStack();
  /** The resource that is being closed. */
  #closing = '';

  constructor(options: OpenResourcesOptions = {}) {
    this.#options = options;
  }

  /**
   * Opens a resource. When that fails, what was opened before stays open until {@link close}. A resource that is open only
   * after that is closed at once.
   *
   * @throws what `open` throws; UploadLedgerError `open-failed`, with the resource's name, in place of an error that says
   *   nothing to people.
   */
  async open<Resource>(
    name: string,
    open: () => Resource | Promise<Resource>,
    close: (resource: Resource) => unknown,
  ): Promise<Resource> {
    const { onStep } = this.#options;
    const resource = await explained(`open ${name}`, async () => {
      await onStep?.(`open ${name}`);
      return open();
    });
    const closeIt = async () => {
      this.#closing = name;
      await explained(`close ${name}`, async () => {
        await close(resource);
        await onStep?.(`close ${name}`);
      });
    };
    if (!this.#closers.disposed) this.#closers.defer(closeIt);
    else await closeIt();
    return resource;
  }

  /**
   * Closes everything, the last that was opened first. A second call does nothing.
   *
   * @throws the first error, after everything has been closed; UploadLedgerError `close-timeout` when that takes too long.
   */
  async close(): Promise<void> {
    const { closeWithinMs, clock = systemClock } = this.#options;
    const closed = this.#closers.disposeAsync().catch((error: unknown) => {
      throw firstOf(error);
    });
    if (closeWithinMs === undefined) return closed;
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(closeWithinMs, () => late.reject(this.#timeout(closeWithinMs)));
    return Promise.race([closed, late.promise]).finally(cancel);
  }

  /** The outcome of `work`; when it fails, everything is closed, and its error is thrown. */
  async closeOnError<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      // What closing throws now is a consequence at best.
      await this.close().catch(() => undefined);
      throw error;
    }
  }

  #timeout(milliseconds: number): UploadLedgerError {
    const message = `Could not close ${this.#closing} within ${milliseconds / 1000} s.`;
    return new UploadLedgerError('close-timeout', message);
  }
}

/** Errors of ours, of the system and of AWS are explained by who prints them; any other gets the name of its step. */
async function explained<Result>(step: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && ('code' in error || '$metadata' in error)) throw error;
    throw new UploadLedgerError('open-failed', `Could not ${step}: ${errorText(error)}`, { cause: error });
  }
}

/** Of several errors, the stack keeps the last, with the ones before inside. */
function firstOf(error: unknown): unknown {
  return error instanceof SuppressedError ? firstOf(error.suppressed) : error;
}

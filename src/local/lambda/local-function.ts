import { randomUUID } from 'node:crypto';
import { LIMITS } from '../../contract/limits.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { type EnvironmentHooks, ExecutionEnvironment } from './execution-environment.ts';
import { assertNoneReserved, type FunctionSettings } from './function-settings.ts';
import { OrphanGuard } from './orphan-guard.ts';
import { failed, type InvocationOutcome } from './runtime-api.ts';

/** Source: Lambda API reference, `Invoke`, errors. */
const THROTTLED = { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' };
const TOO_LARGE = {
  errorType: 'RequestEntityTooLarge',
  errorMessage: `Request must be smaller than ${LIMITS.lambda.payloadBytes} bytes for the InvokeFunction operation`,
};

/** Anything that runs invocations as Lambda does. */
export interface InvokableFunction {
  /** @param payload JSON text. */
  invoke(payload: string): Promise<InvocationOutcome>;
}

/**
 * A function as Lambda runs it: each invocation in the execution environment that was used most recently of those that
 * are free, or in a new one when none is. Environments stay until they fail or the function is closed.
 *
 * One difference from Lambda is on purpose: code that fails to load fails the invocation at once, where Lambda tries to
 * load it once more within the same invocation.
 */
export class LocalFunction implements InvokableFunction {
  readonly counters = {
    invocations: 0,
    /** Invocations refused because the reserved concurrency was used up; `invocations` leaves them out. */
    throttles: 0,
    /** Execution environments started. */
    coldStarts: 0,
    /** Environments whose code did not load, for whatever reason. */
    initErrors: 0,
    /** Invocations that took longer than the function's timeout. */
    timeouts: 0,
    /** Environments that ended in the middle of an invocation for any other reason. */
    crashes: 0,
  };
  readonly #settings: FunctionSettings;
  readonly #hooks: EnvironmentHooks;
  readonly #guard = new OrphanGuard();
  readonly #environments = new Set<Promise<ExecutionEnvironment>>();
  #idle: ExecutionEnvironment[] = [];
  #reservedConcurrency = Number.POSITIVE_INFINITY;
  #running = 0;
  #isClosed = false;

  /**
   * @param hooks What to report. @default nothing
   * @throws UploadLedgerError `reserved-variable` when the function sets a variable that Lambda reserves.
   */
  constructor(settings: FunctionSettings, hooks: Partial<EnvironmentHooks> = {}) {
    assertNoneReserved(settings);
    this.#settings = settings;
    this.#hooks = { onLog: () => undefined, onMoment: () => undefined, ...hooks };
  }

  /** @throws UploadLedgerError `function-closed` after {@link close}; failures of the function itself are outcomes. */
  async invoke(payload: string): Promise<InvocationOutcome> {
    if (this.#isClosed) {
      const message = `The function ${this.#settings.name} is closed and runs nothing more.`;
      throw new UploadLedgerError('function-closed', message);
    }
    const requestId = randomUUID();
    if (this.#running >= this.#reservedConcurrency) {
      this.counters.throttles += 1;
      return failed(requestId, THROTTLED);
    }
    this.counters.invocations += 1;
    if (Buffer.byteLength(payload) > LIMITS.lambda.payloadBytes) return failed(requestId, TOO_LARGE);
    this.#running += 1;
    try {
      return await this.#run(requestId, payload);
    } finally {
      this.#running -= 1;
    }
  }

  /** Limits simultaneous invocations, as an operator can at any time: 0 stops the function. */
  reserveConcurrency(max: number): void {
    this.#reservedConcurrency = max;
  }

  /** Kills every environment, also those that run an invocation, and waits for their end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#environments].map(async (environment) => (await environment).close()));
    this.#guard.close();
  }

  async #run(requestId: string, payload: string): Promise<InvocationOutcome> {
    const environment = this.#idle.pop() ?? (await this.#start());
    const initError = await environment.ready;
    if (initError !== undefined) {
      this.counters.initErrors += 1;
      return failed(requestId, initError);
    }
    const outcome = await environment.invoke(requestId, payload);
    if (environment.isAlive) this.#idle.push(environment);
    else this.#countEnd(outcome);
    return outcome;
  }

  async #start(): Promise<ExecutionEnvironment> {
    this.counters.coldStarts += 1;
    const starting = ExecutionEnvironment.start(this.#settings, this.#hooks, this.#guard);
    this.#environments.add(starting);
    try {
      const environment = await starting;
      void environment.ended.then(() => {
        this.#environments.delete(starting);
        this.#idle = this.#idle.filter((idle) => idle !== environment);
      });
      return environment;
    } catch (error) {
      this.#environments.delete(starting);
      throw error;
    }
  }

  #countEnd(outcome: InvocationOutcome): void {
    if (this.#isClosed) return;
    if (outcome.outcome === 'error' && outcome.errorType === 'Sandbox.Timedout') this.counters.timeouts += 1;
    else this.counters.crashes += 1;
  }
}

export type FunctionCounters = LocalFunction['counters'];

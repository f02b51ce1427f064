import { systemClock } from '../../shared/clock.ts';
import { describeEnd, EnvironmentProcess, type ProcessEnd } from './environment-process.ts';
import { type FunctionSettings, functionArn, newLogStream } from './function-settings.ts';
import type { OrphanGuard } from './orphan-guard.ts';
import { failed, type InvocationError, type InvocationOutcome, LOADED, RuntimeApi } from './runtime-api.ts';

/** Lambda's limit for loading the function's code, in seconds. */
const INIT_TIMEOUT_SECONDS = 10;

/** One line that the function wrote, or that Lambda itself would write beside the function's lines. */
export interface FunctionLogLine {
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly line: string;
  /** The running invocation, or the last one. Absent while the code is loaded. */
  readonly requestId?: string;
  /** Names the execution environment, as `AWS_LAMBDA_LOG_STREAM_NAME` does. */
  readonly logStream: string;
}

/** Moments of an invocation at which its environment can be killed. */
export type InvocationMoment =
  /** The function has its event. */
  | 'started'
  /** The function has returned or thrown, but its caller does not know yet. */
  | 'answered';

/** What an execution environment reports. */
export interface EnvironmentHooks {
  readonly onLog: (line: FunctionLogLine) => void;
  /**
   * Called at each moment of each invocation. `kill` ends the environment in the middle of that invocation, at once or
   * later; its answer is lost, even if it is already known. It does nothing once the invocation is over.
   */
  readonly onMoment: (moment: InvocationMoment, requestId: string, kill: () => void) => void;
}

interface RunningInvocation {
  readonly requestId: string;
  readonly settle: (outcome: InvocationOutcome) => void;
  answer?: InvocationOutcome;
}

/**
 * One execution environment of a function: a process that loads the code once and then runs one invocation after the
 * other, stopped in between.
 *
 * An invocation is over when the runtime asks for the next one, so that output written before belongs to it. One that
 * ends its process without an answer, is too slow, or cannot load its code ends the environment too.
 */
export class ExecutionEnvironment {
  readonly logStream = newLogStream(systemClock.now());
  /**
   * Settles with undefined when the code is loaded, or with the reason why it could not be; then the process has ended.
   */
  readonly ready: Promise<InvocationError | undefined>;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  readonly #settings: FunctionSettings;
  readonly #hooks: EnvironmentHooks;
  readonly #api: RuntimeApi;
  readonly #process: EnvironmentProcess;
  readonly #loading = Promise.withResolvers<InvocationError | undefined>();
  #initError: InvocationError | undefined;
  #running: RunningInvocation | undefined;
  #lastRequestId: string | undefined;
  #cancelTimeout: () => void;
  #killed = false;
  #isAlive = true;

  /** Starts a process; the code is loaded when {@link ready} settles. */
  static async start(settings: FunctionSettings, hooks: EnvironmentHooks, guard: OrphanGuard) {
    const api = await RuntimeApi.listen();
    try {
      return new ExecutionEnvironment(settings, hooks, guard, api);
    } catch (error) {
      api.close();
      throw error;
    }
  }

  private constructor(settings: FunctionSettings, hooks: EnvironmentHooks, guard: OrphanGuard, api: RuntimeApi) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#api = api;
    this.ready = this.#loading.promise;
    api.attach({
      onIdle: () => this.#onIdle(),
      onAnswer: (answer) => this.#onAnswer(answer),
      onInitError: (error) => {
        this.#initError = error;
      },
    });
    this.#process = new EnvironmentProcess({
      settings,
      runtimeApi: api.address,
      logStream: this.logStream,
      guard,
      onLine: (stream, line) => this.#log(stream, line),
    });
    this.ended = this.#process.ended.then((end) => this.#onEnd(end));
    const seconds = settings.initTimeoutSeconds ?? INIT_TIMEOUT_SECONDS;
    this.#cancelTimeout = this.#killAfter(seconds, () => {
      this.#initError = {
        errorType: 'Sandbox.Timedout',
        errorMessage: `Init timed out after ${seconds.toFixed(2)} seconds`,
      };
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Runs one invocation; the environment must be {@link ready} and have no other. */
  async invoke(requestId: string, payload: string): Promise<InvocationOutcome> {
    const { timeoutSeconds } = this.#settings;
    const { promise, resolve } = Promise.withResolvers<InvocationOutcome>();
    this.#running = { requestId, settle: resolve };
    this.#lastRequestId = requestId;
    this.#cancelTimeout = this.#killAfter(timeoutSeconds, () => {
      if (this.#running !== undefined) this.#running.answer ??= timedOut(requestId, timeoutSeconds);
    });
    this.#process.thaw();
    const deadlineMs = systemClock.now() + timeoutSeconds * 1000;
    this.#api.deliver({ requestId, payload, deadlineMs, functionArn: functionArn(this.#settings) });
    this.#hooks.onMoment('started', requestId, () => this.#crash(requestId));
    return promise;
  }

  /** Kills the process, whatever it does. */
  async close(): Promise<void> {
    this.#killed = true;
    this.#process.kill();
    await this.ended;
  }

  #onIdle(): void {
    const running = this.#running;
    // A runtime that asks for the next invocation before it has answered breaks the protocol: its end settles the
    // invocation.
    if (running !== undefined && running.answer === undefined) {
      this.#process.kill();
      return;
    }
    this.#cancelTimeout();
    this.#running = undefined;
    this.#process.freeze();
    void this.#process.outputRead(running?.requestId ?? LOADED).then(() => {
      this.#loading.resolve(undefined);
      if (running?.answer !== undefined) running.settle(running.answer);
    });
  }

  #onAnswer(answer: InvocationOutcome): void {
    const { requestId } = answer;
    this.#hooks.onMoment('answered', requestId, () => this.#crash(requestId));
    if (this.#running !== undefined && !this.#killed) this.#running.answer ??= answer;
  }

  /** Kills the process in the middle of an invocation, whose answer is lost with it. */
  #crash(requestId: string): void {
    if (this.#running?.requestId !== requestId) return;
    this.#killed = true;
    delete this.#running.answer;
    this.#process.kill();
  }

  #killAfter(seconds: number, onTimeout: () => void): () => void {
    return systemClock.after(seconds * 1000, () => {
      onTimeout();
      this.#process.kill();
    });
  }

  #onEnd(end: ProcessEnd): void {
    this.#cancelTimeout();
    this.#isAlive = false;
    this.#api.close();
    const initError = this.#initError ?? { errorType: 'Runtime.ExitError', errorMessage: describeEnd(end) };
    this.#loading.resolve(initError);
    const running = this.#running;
    if (running === undefined) {
      if (!this.#killed) this.#log('platform', initError.errorMessage);
      return;
    }
    const outcome = running.answer ?? exited(running.requestId, end);
    if (outcome.outcome === 'error') this.#log('platform', outcome.errorMessage);
    running.settle(outcome);
  }

  #log(stream: FunctionLogLine['stream'], line: string): void {
    const requestId = this.#lastRequestId;
    this.#hooks.onLog({ stream, line, logStream: this.logStream, ...(requestId !== undefined && { requestId }) });
  }
}

function timedOut(requestId: string, timeoutSeconds: number): InvocationOutcome {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return failed(requestId, { errorType: 'Sandbox.Timedout', errorMessage });
}

/** The process ended with neither a result nor an error. */
function exited(requestId: string, end: ProcessEnd): InvocationOutcome {
  return failed(requestId, {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${describeEnd(end)}`,
  });
}

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
  /** The function has returned or thrown, and nobody has heard of it yet. */
  | 'answered';

/** What an execution environment tells those around it. */
export interface EnvironmentHooks {
  readonly onLog: (line: FunctionLogLine) => void;
  /**
   * Called at each moment of each invocation. `kill` ends the environment in the middle of that invocation, at once or
   * later; its answer is lost, also one that is already known. It does nothing once the invocation is over.
   */
  readonly onMoment: (moment: InvocationMoment, requestId: string, kill: () => void) => void;
}

/** One line of JSON on the standard input of a measured process: invoke the handler again and again. */
export interface RunRequest {
  /** File with the event of one invocation. */
  readonly payload: string;
  /** Invocations, one after the other. */
  readonly batches: number;
}

/** One line of JSON on its file descriptor 3, about the invocations alone. */
export interface RunReply {
  readonly seconds: number;
  /** User and system time of the whole process. */
  readonly cpuSeconds: number;
  /** Peak resident memory since the process started, in bytes. */
  readonly peakBytes: number;
  /** Messages that were reported as failed. */
  readonly failed: number;
}

/** The same from a process that is started for one invocation. */
export interface ColdReply {
  /** Loading the handler and answering one invocation. */
  readonly seconds: number;
  /** User and system time of the whole process, its start included. */
  readonly cpuSeconds: number;
}

/** Where processes write their replies: standard output belongs to the handler. */
export const REPLIES = 3;

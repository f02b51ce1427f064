import { MAX_RESPONSE_BYTES } from './runtime-api.ts';

/** The result of one invocation, as its caller sees it. */
export type InvocationOutcome =
  | {
      readonly outcome: 'response';
      readonly requestId: string;
      /** JSON text, as the handler's result was written. */
      readonly payload: string;
    }
  | (InvocationError & { readonly outcome: 'error'; readonly requestId: string });

/** An error in the shape in which Lambda's runtimes report one. */
export interface InvocationError {
  /** The error's name, or `Runtime.*`, `Function.*` and `Sandbox.*` for Lambda's own. */
  readonly errorType: string;
  readonly errorMessage: string;
  /** Lines of the stack, where there is one. */
  readonly trace?: readonly string[];
}

/** How a process ended: by its own exit code or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it never started. */
  readonly startError?: string;
}

export function failed(requestId: string, error: InvocationError): InvocationOutcome {
  return { outcome: 'error', requestId, ...error };
}

/** @param payload absent when it was larger than Lambda takes. */
export function responded(requestId: string, payload: string | undefined): InvocationOutcome {
  if (payload !== undefined) return { outcome: 'response', requestId, payload };
  return failed(requestId, {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  });
}

export function timedOut(requestId: string, timeoutSeconds: number): InvocationOutcome {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return failed(requestId, { errorType: 'Sandbox.Timedout', errorMessage });
}

/** The process ended with neither a result nor an error. */
export function exited(requestId: string, end: ProcessEnd): InvocationOutcome {
  return failed(requestId, {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${describeEnd(end)}`,
  });
}

/** Signals in Lambda's words. */
const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
};

export function describeEnd({ code, signal, startError }: ProcessEnd): string {
  if (startError !== undefined) return `Runtime could not start: ${startError}`;
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNALS[signal] ?? signal}`;
  return code === 0
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code ?? 'unknown'}`;
}

/** Reads the document that a runtime posts. One without Lambda's fields is shown as it is. */
export function parseInvocationError(document: string): InvocationError {
  let fields: { readonly [Field in keyof InvocationError]?: unknown } = {};
  try {
    fields = Object(JSON.parse(document));
  } catch {
    // Not JSON: shown as it is, too.
  }
  const { errorType, errorMessage, trace } = fields;
  return {
    errorType: typeof errorType === 'string' ? errorType : 'Runtime.Unknown',
    errorMessage: typeof errorMessage === 'string' ? errorMessage : document.slice(0, 200),
    ...(Array.isArray(trace) && { trace: trace.map(String) }),
  };
}

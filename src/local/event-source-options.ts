import type { SQSClient } from '@aws-sdk/client-sqs';
import type { InvokableFunction } from './local-function.ts';

export interface EventSourceOptions {
  /** With `useQueueUrlAsEndpoint: false` where queue URLs name a host that does not resolve. */
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queue: { readonly arn: string; readonly visibilityTimeoutSeconds: number };
  readonly region: string;
  readonly mapping: {
    readonly batchSize: number;
    /** 0: a batch is what one receive gives. */
    readonly batchWindowSeconds: number;
    /** @default 5 */
    readonly maximumConcurrency?: number;
    /** Without it the response is ignored: the batch succeeds as a whole unless the invocation fails. */
    readonly reportBatchItemFailures: boolean;
  };
  readonly fn: InvokableFunction;
  /**
   * Seconds after which failed messages come again: a convenience of the local stack, because a visibility timeout of
   * minutes is long to wait for. @default what AWS does: failed messages wait for the queue's visibility timeout
   */
  readonly retryAfterSeconds?: number;
  /** Called when a batch is over and its messages are deleted or left. */
  readonly onBatch?: (report: BatchReport) => void;
  /** Called when a call to SQS fails, or the function cannot be invoked at all. Receiving goes on, with growing pauses. */
  readonly onError?: (error: Error) => void;
}

export interface BatchReport {
  /** Messages in the batch. */
  readonly size: number;
  /** Of the invocation; absent when it could not begin. */
  readonly requestId?: string;
  /** Messages left in the queue. */
  readonly failures: number;
  /** Why the batch failed as a whole. */
  readonly fault?: string;
  /** From the beginning of the invocation until the last deletion. */
  readonly durationMs: number;
}

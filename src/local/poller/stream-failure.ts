/** Records of a stream that Lambda does not try again. */
export interface GivenUp {
  /** By their sequence numbers. */
  readonly records: readonly { readonly id: string; readonly at: number }[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** How often the function was invoked with them. */
  readonly invocations: number;
  /** Of the last invocation. */
  readonly requestId?: string | undefined;
  readonly functionArn: string;
  readonly streamArn: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * The message that Lambda sends to a mapping's on-failure queue: where in the stream the records are, not the records.
 *
 * Source: Lambda developer guide, "Retain discarded batch records for a DynamoDB event source".
 */
export function onFailureBody(givenUp: GivenUp): string {
  const { records, condition, invocations, requestId, functionArn, streamArn, at } = givenUp;
  const [first, last] = [records.at(0), records.at(-1)];
  return JSON.stringify({
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: invocations },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    DDBStreamBatchInfo: {
      shardId: 'shardId-00000000000000000000-local',
      startSequenceNumber: first?.id,
      endSequenceNumber: last?.id,
      approximateArrivalOfFirstRecord: first && new Date(first.at).toISOString(),
      approximateArrivalOfLastRecord: last && new Date(last.at).toISOString(),
      batchSize: records.length,
      streamArn,
    },
  });
}

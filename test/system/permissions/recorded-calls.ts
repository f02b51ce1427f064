import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../src/local/identity.ts';
import type { FunctionLogLine } from '../../../src/local/lambda/execution-environment.ts';
import type { ServiceCall } from '../../../src/local/servers/service-call.ts';
import type { StreamMappingResource } from '../../../src/local/template/resources.ts';

/** Every different call that one caller made during a run. */
export class RecordedCalls {
  readonly #calls = new Map<string, ServiceCall>();

  readonly onCall = (call: ServiceCall): void => {
    this.#calls.set(JSON.stringify(call), call);
  };

  /** Of the function and of Lambda in its name. */
  of(caller: string): ServiceCall[] {
    return [...this.#calls.values()].filter((call) => call.caller === caller);
  }
}

/** Which log streams a function's lines went to, and what Lambda did with its role to bring them there. */
export class RecordedLogs {
  readonly #streams = new Set<string>();

  readonly onLog = ({ logStream }: FunctionLogLine): void => {
    this.#streams.add(logStream);
  };

  /** @param logGroup The name of the function's log group. */
  calls(caller: string, logGroup: string): ServiceCall[] {
    const group = `arn:aws:logs:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:log-group:${logGroup}`;
    const resources = [...this.#streams].map((stream) => `${group}:log-stream:${stream}`);
    return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({ caller, action, resources, context: {} }));
  }
}

/**
 * What Lambda does in the name of a function to read a stream for it, and to say what it gave up.
 *
 * Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB", execution role permissions.
 */
export function streamCalls(
  caller: string,
  { streamArn, onFailureQueueArn }: Pick<StreamMappingResource, 'streamArn' | 'onFailureQueueArn'>,
): ServiceCall[] {
  const reads = ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((operation) => ({
    caller,
    action: `dynamodb:${operation}`,
    resources: [streamArn],
    context: {},
  }));
  const failures = onFailureQueueArn === undefined ? [] : [onFailureQueueArn];
  return [
    ...reads,
    { caller, action: 'dynamodb:ListStreams', resources: ['*'], context: {} },
    { caller, action: 'sqs:SendMessage', resources: failures, context: {} },
  ];
}

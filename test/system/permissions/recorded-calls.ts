import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../src/local/identity.ts';
import type { FunctionLogLine } from '../../../src/local/lambda/execution-environment.ts';
import type { ServiceCall } from '../../../src/local/servers/service-call.ts';

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

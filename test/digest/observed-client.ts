import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface ObservedClient {
  /** Names of the commands sent so far, such as `PutItemCommand`. */
  readonly commands: string[];
  /** Decides about each command: an error that it throws is what the caller gets. Default: lets all pass. */
  before: (command: string) => void;
}

/** Sees every command that the client sends, from now on. */
export function observe(client: DynamoDBClient): ObservedClient {
  const observed: ObservedClient = { commands: [], before: () => undefined };
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        observed.commands.push(commandName);
        observed.before(commandName);
        return next(args);
      },
    { step: 'initialize', name: 'observe', override: true },
  );
  return observed;
}

/** An error as the SDK throws it. */
export function sdkError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(`injected ${name}`), { name, $metadata: { httpStatusCode } });
}

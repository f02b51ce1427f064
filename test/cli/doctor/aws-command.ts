import type { OpenLedger } from '../../../src/cli/connection.ts';

type Clients = OpenLedger['clients'];

/** Which client of the SDK a service of AWS's command line is. */
const SERVICES = {
  cloudwatch: { client: 'cloudwatch', module: () => import('@aws-sdk/client-cloudwatch') },
  dynamodb: { client: 'dynamodb', module: () => import('@aws-sdk/client-dynamodb') },
  events: { client: 'eventbridge', module: () => import('@aws-sdk/client-eventbridge') },
  lambda: { client: 'lambda', module: () => import('@aws-sdk/client-lambda') },
  ses: { client: 'ses', module: () => import('@aws-sdk/client-ses') },
} as const satisfies Record<string, { readonly client: keyof Clients; readonly module: () => Promise<object> }>;

/** Parameters that are lists. */
const LISTS = ['AlarmNames', 'FunctionResponseTypes'];

/**
 * Sends what a command such as `aws events enable-rule --name Rule` would send.
 *
 * @throws an error when there is no such service or command.
 */
export async function runAwsCommand(command: string, clients: Clients): Promise<void> {
  const [, service = '', operation = '', ...words] = command.split(' ');
  if (!Object.hasOwn(SERVICES, service)) throw new Error(`this test knows no service "${service}"`);
  const { client, module } = SERVICES[service as keyof typeof SERVICES];
  const Command: unknown = Reflect.get(await module(), `${pascalCase(operation)}Command`);
  if (typeof Command !== 'function') throw new Error(`${service} has no command "${operation}"`);
  const sdk: { send: (command: unknown) => Promise<unknown> } = (await clients[client]()) as never;
  await sdk.send(Reflect.construct(Command, [parametersOf(words)]));
}

function parametersOf(words: readonly string[]): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const [at, word] of words.entries()) {
    if (!word.startsWith('--')) continue;
    const next = words[at + 1];
    const name = word === '--uuid' ? 'UUID' : pascalCase(word.slice(2));
    const value = next === undefined || next.startsWith('--') ? true : shorthand(next);
    parameters[name] = LISTS.includes(name) ? [value] : value;
  }
  return parameters;
}

/** `Name=true` is a structure. */
function shorthand(text: string): unknown {
  const [, name, value] = /^(\w+)=(\w+)$/.exec(text) ?? [];
  return name === undefined ? text : { [name]: value === 'true' };
}

function pascalCase(text: string): string {
  return text.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

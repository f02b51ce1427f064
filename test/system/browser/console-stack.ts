import { type ConsoleServer, startConsole } from '../../../src/console/server/console-server.ts';
import { openSource } from '../../../src/console/source.ts';
import { OUTPUTS, parseDigestList } from '../../../src/contract/outputs.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';

/** A local stack with its console. */
export interface ConsoleStack {
  readonly stack: LocalStack;
  readonly console: ConsoleServer;
  close(): Promise<void>;
}

/** What the command says of a healthy local stack: its own test asks it. */
async function* checkHealth() {
  yield { check: 'redrive policy', outcome: 'ok', says: 'failed messages come back for a day' } as const;
  yield { check: 'dead letters', outcome: 'ok', says: 'the dead-letter queue is empty' } as const;
  yield { check: 'table', outcome: 'ok', says: 'ready, with both indexes' } as const;
}

/** The stack that is deployed, running here on free ports, and the console that shows it. */
export async function startConsoleStack(assemblyDirectory: string): Promise<ConsoleStack> {
  const stack = await startLocalStack({ assemblyDirectory, retryAfterSeconds: 1 });
  const { clients, resources, servers, ...location } = stack;
  const source = openSource({
    name: 'the local stack',
    resources: { ...location, region: resources.region },
    dashboard: stack.dashboard,
    digests: parseDigestList(resources.outputs[OUTPUTS.digests]),
    clients,
    endpoints: servers.endpoints,
    checkHealth,
    onUnreadable: (error) => {
      throw error;
    },
  });
  const server = await startConsole({ source, explain: String });
  const close = async () => {
    await server.close();
    await stack.close();
  };
  return { stack, console: server, close };
}

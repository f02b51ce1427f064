import type { OpenLedger } from '../../src/cli/connection.ts';

/** Calls whose IAM action has another name. Source: Service Authorization Reference. */
const ACTIONS: Readonly<Record<string, string>> = {
  HeadObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
  GetBucketNotificationConfiguration: 's3:GetBucketNotification',
  PutBucketNotificationConfiguration: 's3:PutBucketNotification',
};
const PREFIXES: Readonly<Record<string, string>> = { eventbridge: 'events' };

/** Of calls that the local servers do not know. */
const OWN_ANSWERS: Readonly<Record<string, object>> = {
  StartMessageMoveTask: { TaskHandle: 'task' },
  ListMessageMoveTasks: { Results: [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 0 }] },
};

interface ObservableClient {
  readonly middlewareStack: {
    add(
      middleware: (
        next: (args: object) => Promise<unknown>,
        context: { readonly clientName?: string; readonly commandName?: string },
      ) => (args: object) => Promise<unknown>,
      options: { readonly step: 'initialize' },
    ): void;
  };
}

/** The ledger, whose calls to AWS are noted in `actions` as IAM's actions: a batch call of SQS is the action of its entries. */
export function observedLedger(ledger: OpenLedger, actions: Set<string>): OpenLedger {
  const seen = new WeakSet<object>();
  const observe = async (make: () => Promise<unknown>) => {
    const client = (await make()) as ObservableClient;
    if (seen.has(client)) return client;
    seen.add(client);
    client.middlewareStack.add(
      (next, { clientName = '', commandName = '' }) =>
        (args) => {
          const name = commandName.replace(/Command$/, '');
          const service = clientName.replace(/Client$/, '').toLowerCase();
          actions.add(ACTIONS[name] ?? `${PREFIXES[service] ?? service}:${name.replace(/(?<!^)Batch$/, '')}`);
          return OWN_ANSWERS[name] === undefined ? next(args) : Promise.resolve({ output: OWN_ANSWERS[name] });
        },
      { step: 'initialize' },
    );
    return client;
  };
  const { destroy, ...clients } = ledger.clients;
  const observed = Object.fromEntries(Object.entries(clients).map(([name, make]) => [name, () => observe(make)]));
  return { ...ledger, clients: { ...observed, destroy } as unknown as OpenLedger['clients'] };
}

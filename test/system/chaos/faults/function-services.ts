import type { LocalEndpoints } from '../../../../src/local/identity.ts';
import { parseBatchWrite } from '../../../../src/local/servers/table-faults.ts';
import type { LocalStack } from '../../../../src/local/stack.ts';
import { DIGEST_RECIPIENT } from '../digest-ticks.ts';
import type { Histories } from '../histories.ts';
import type { Fault } from './fault-kinds.ts';
import type { Faults } from './faults.ts';
import type { RestartingQueue } from './restarting-queue.ts';
import type { RestartingTable } from './restarting-table.ts';
import { startServiceProxy } from './service-proxy.ts';

/** The services as the function sees them, and SQS as its event source does. */
export interface FunctionServices {
  readonly endpoints: LocalEndpoints;
  /** SQS, with nothing going wrong but that it goes down. */
  readonly polled: string;
  /** Breaks every connection to SQS. */
  cutQueue(): void;
  close(): Promise<void>;
}

export interface FunctionServicesOptions {
  readonly stack: LocalStack;
  readonly table: RestartingTable;
  readonly queue: RestartingQueue;
  readonly faults: Faults;
  readonly histories: Histories;
}

/** Puts a proxy with faults before each service that the function calls. */
export async function startFunctionServices(options: FunctionServicesOptions): Promise<FunctionServices> {
  const { stack, table, queue, faults, histories } = options;
  const { endpoints } = stack.servers;
  const [dynamodb, services, ses, polled] = await Promise.all([
    startServiceProxy({
      service: 'dynamodb',
      reach: (send) => table.call(send),
      faultOf: () => faults.next('table'),
      onCall: (body, fault) => notePuts(body, fault, histories),
    }),
    startServiceProxy({
      service: 'sqs',
      reach: (send) => queue.call(send),
      faultOf: () => faults.next('queue'),
      onCall: () => undefined,
    }),
    startServiceProxy({
      service: 'ses',
      reach: (send) => send(endpoints.ses),
      faultOf: (body) => (isDigest(body) ? faults.nextDigest() : faults.next('mail')),
      onCall: () => undefined,
    }),
    startServiceProxy({
      service: 'sqs',
      reach: (send) => queue.call(send),
      faultOf: () => undefined,
      onCall: () => undefined,
    }),
  ]);
  return {
    endpoints: {
      dynamodb: dynamodb.endpoint,
      services: services.endpoint,
      ses: ses.endpoint,
      events: endpoints.events,
    },
    polled: polled.endpoint,
    cutQueue: () => {
      services.cut();
      polled.cut();
    },
    close: async () => {
      await Promise.all([dynamodb, services, ses, polled].map((proxy) => proxy.close()));
    },
  };
}

/** The SES client sends its calls as forms. */
function isDigest(body: string): boolean {
  return [...new URLSearchParams(body).values()].includes(DIGEST_RECIPIENT);
}

interface Put {
  readonly PutRequest?: { readonly Item?: { readonly s3_object?: { readonly S?: string } } };
}

function notePuts(body: string, fault: Fault | undefined, histories: Histories): void {
  const call = parseBatchWrite(body);
  const what = fault === undefined ? 'BatchWriteItem' : `BatchWriteItem, ${fault.kind} (table call ${fault.index})`;
  for (const put of Object.values(call?.RequestItems ?? {}).flat() as Put[]) {
    const object = put.PutRequest?.Item?.s3_object?.S;
    if (object !== undefined) histories.note(object, `    ${what}`);
  }
}

import { randomBytes } from 'node:crypto';
import { buildApp } from 'fauxqs';
import { UploadLedgerError } from '../../shared/errors.ts';
import { InFlight, installErrorAnswers, installS3Edge, S3Edge } from '../s3/edge.ts';
import { ObjectIndex } from '../s3/object-index.ts';
import type { ObjectChangeSource } from '../s3/object-watch.ts';
import { ChangeFeed, installObjectWatch, type ObjectWatch, sequencerSource } from '../s3/object-watch.ts';
import { installOwnAnswers } from '../s3/overrides.ts';
import type { EmulatorApp } from '../s3/request.ts';
import { installBrowserGuard, normaliseAddress } from './browser-guard.ts';
import {
  countMessages,
  inspectQueue,
  installQueueEdge,
  type QueueContents,
  type QueueMessage,
  sendMessages,
} from './queue-access.ts';
import type { OnCall } from './service-call.ts';
import { toObjectCall, toQueueCall } from './service-call.ts';

export interface ServiceServerOptions {
  /** @default 0, any free port */
  readonly port?: number;
  /** The Region of queues whose makers name none. @default 'us-east-1' */
  readonly region?: string;
  /** Largest single PUT or part, in bytes. @default 100 MiB */
  readonly bodyBytes?: number;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Told of the calls to SQS, and of readings of objects. */
  readonly onCall?: OnCall;
}

/**
 * S3, SQS and SNS on this machine. Nothing outlives the process.
 *
 * Signatures are not checked: the access key id is the uploader's name. A client that gives up a long poll and goes on
 * leaves the next message hidden until its visibility timeout, because the emulator hands it to the poll all the same.
 */
export interface ServiceServer extends ObjectChangeSource {
  /** Such as `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  readonly port: number;
  /** Sends up to ten messages without the network. */
  sendMessages(queueUrl: string, messages: readonly QueueMessage[]): Promise<void>;
  /** What stands in a queue, without receiving it; undefined when there is no such queue. */
  inspectQueue(queueName: string): Promise<QueueContents | undefined>;
  /** How many messages a queue holds, visible or not. */
  countMessages(queueUrl: string): Promise<number>;
  /** Requests under way, long polls among them. */
  openRequests(): number;
  /** Takes no further writes, hands on every change, ends long polls, and closes. A second call awaits the first. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const MIB = 1024 * 1024;
/** Milliseconds that requests under way get at close. */
const PATIENCE = 2000;

/**
 * Starts the emulator on 127.0.0.1, with what S3 and SQS do and it does not.
 *
 * @throws UploadLedgerError `port-in-use` when something listens on the port already.
 */
export async function startServiceServer(options: ServiceServerOptions = {}): Promise<ServiceServer> {
  const { port = 0, region = 'us-east-1', bodyBytes = 100 * MIB, now = Date.now } = options;
  const app = buildApp({ logger: false, defaultRegion: region });
  const inFlight = new InFlight();
  const edge = new S3Edge(now, () => randomBytes(8).toString('hex').toUpperCase());
  const watch = { edge, now, index: new ObjectIndex(), feed: new ChangeFeed(), nextSequencer: sequencerSource(now) };
  if (options.onCall !== undefined) watchCalls(app, options.onCall);
  let endpoint = '';
  install(app, watch, bodyBytes, () => endpoint);
  app.server.prependListener('request', (request, response) => {
    normaliseAddress(request);
    inFlight.enter(response);
  });
  // Long polls end in an earlier hook of the emulator's; their answers must leave before the connections are cut.
  app.addHook('preClose', () => inFlight.drained(PATIENCE));
  endpoint = await listen(app, port);
  const close = async () => {
    edge.isClosing = true;
    try {
      await edge.writes.drained(PATIENCE);
      await watch.feed.flush();
    } finally {
      await app.close();
    }
  };
  let closing: Promise<void> | undefined;
  return {
    endpoint,
    port: Number(new URL(endpoint).port),
    onObjectChange: (changed, flush) => watch.feed.onObjectChange(changed, flush),
    sendMessages: (queueUrl, messages) => sendMessages(app, queueUrl, messages),
    inspectQueue: (queueName) => inspectQueue(app, queueName),
    countMessages: (queueUrl) => countMessages(app, queueUrl),
    openRequests: () => inFlight.size,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function watchCalls(app: EmulatorApp, onCall: OnCall): void {
  app.addHook('preHandler', (request, _reply, done) => {
    const { headers, body, method, url } = request;
    const call = toQueueCall(headers, body) ?? toObjectCall(method, url, headers);
    if (call !== undefined) onCall(call);
    done();
  });
}

async function listen(app: EmulatorApp, port: number): Promise<string> {
  try {
    return await app.listen({ port, host: HOST });
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw reason;
    const message = `Port ${port} of ${HOST} is taken. Stop what listens there, or choose another port.`;
    throw new UploadLedgerError('port-in-use', message, { cause: reason });
  }
}

function install(app: EmulatorApp, watch: ObjectWatch, bodyBytes: number, endpoint: () => string): void {
  installBrowserGuard(app);
  installQueueEdge(app, endpoint, () => watch.edge.isClosing);
  installS3Edge(app, watch.edge, bodyBytes);
  installOwnAnswers(app, watch);
  installObjectWatch(app, watch);
  installErrorAnswers(app, watch.edge);
}

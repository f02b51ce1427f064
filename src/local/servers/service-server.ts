import { randomBytes } from 'node:crypto';
import { buildApp } from 'fauxqs';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { LOCAL_REGION } from '../identity.ts';
import type { CorsRule } from '../s3/cors.ts';
import { InFlight, installErrorAnswers, installS3Edge, S3Edge } from '../s3/edge.ts';
import { MultipartUploads } from '../s3/multipart.ts';
import { NotificationConfigurations } from '../s3/notification-configurations.ts';
import { ObjectIndex } from '../s3/object-index.ts';
import {
  ChangeFeed,
  installObjectWatch,
  type ObjectChangeSource,
  type ObjectWatch,
  sequencerSource,
} from '../s3/object-watch.ts';
import { overriddenAnswer } from '../s3/overrides.ts';
import type { EmulatorApp } from '../s3/request.ts';
import { installBrowserGuard, normaliseAddress } from './browser-guard.ts';
import { installDeadLetterSource } from './dead-letter-source.ts';
import {
  inspectQueue,
  installQueueEdge,
  type MessageCounts,
  messageCounts,
  type QueueContents,
  type QueueMessage,
  sendMessages,
} from './queue-access.ts';
import { type OnCall, toObjectCall, toQueueCall } from './service-call.ts';

export interface ServiceServerOptions {
  /** @default 0, any free port */
  readonly port?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Called with the calls of SQS, and with reads of objects. */
  readonly onCall?: OnCall;
}

/**
 * S3, SQS and SNS on this machine. Nothing outlives the process.
 *
 * The access key id is the uploader's name. Signatures of presigned URLs and forms are verified, no others. When a client abandons a long poll, the
 * emulator still gives the next message to that poll: the message stays hidden until its visibility timeout.
 */
export interface ServiceServer extends ObjectChangeSource {
  /** Such as `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  readonly port: number;
  /** Sends up to ten messages without the network. */
  sendMessages(queueUrl: string, messages: readonly QueueMessage[]): Promise<void>;
  /** What a queue holds, read without receiving it; undefined when there is no such queue. */
  inspectQueue(queueName: string): Promise<QueueContents | undefined>;
  messageCounts(queueUrl: string): Promise<MessageCounts>;
  /** How many messages a queue holds, visible or not. */
  countMessages(queueUrl: string): Promise<number>;
  /** Replaces the CORS rules of a bucket. @default none: only pages of this machine are let in */
  setCors(bucket: string, rules: readonly CorsRule[]): void;
  /** Which events each bucket sends where. Puts of S3's clients change it. */
  readonly notifications: NotificationConfigurations;
  /** Requests under way, long polls among them. */
  openRequests(): number;
  /** Refuses further writes, passes on every change, ends long polls, and closes. A second call awaits the first. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Largest single PUT or part, in bytes. */
const BODY_LIMIT = 100 * 1024 * 1024;
/** Milliseconds that requests under way get at close. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * Starts the emulator on 127.0.0.1, and adds what S3 and SQS do and the emulator does not.
 *
 * @throws UploadLedgerError `port-in-use` when something listens on the port already.
 */
export async function startServiceServer(options: ServiceServerOptions = {}): Promise<ServiceServer> {
  const { port = 0, clock = systemClock, onCall } = options;
  const app = buildApp({ logger: false, defaultRegion: LOCAL_REGION });
  const inFlight = new InFlight(clock);
  const edge = new S3Edge(clock, () => randomBytes(8).toString('hex').toUpperCase());
  const nextSequencer = sequencerSource(() => clock.now());
  const watch: ObjectWatch = {
    edge,
    clock,
    index: new ObjectIndex(),
    uploads: new MultipartUploads(),
    conditionalKeys: new Set(),
    feed: new ChangeFeed(),
    nextSequencer,
  };
  let endpoint = '';
  if (onCall !== undefined) watchCalls(app, onCall);
  const cors = new Map<string, readonly CorsRule[]>();
  installBrowserGuard(app, cors);
  installQueueEdge(
    app,
    () => endpoint,
    () => edge.isClosing,
  );
  installDeadLetterSource(app);
  const notifications = new NotificationConfigurations();
  installS3Edge(app, edge, BODY_LIMIT, (request, s3) => overriddenAnswer(app, watch, notifications, request, s3));
  installObjectWatch(app, watch);
  installErrorAnswers(app, edge);
  app.server.prependListener('request', (request, response) => {
    normaliseAddress(request);
    inFlight.enter(response);
  });
  // Long polls end in an earlier hook of the emulator's; their answers must leave before the connections are cut.
  app.addHook('preClose', () => inFlight.drained(CLOSE_TIMEOUT_MS));
  endpoint = await listen(app, port);
  const close = async () => {
    edge.isClosing = true;
    try {
      await edge.writes.drained(CLOSE_TIMEOUT_MS);
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
    messageCounts: (queueUrl) => messageCounts(app, queueUrl),
    countMessages: async (queueUrl) => {
      const { visible, delayed, inFlight } = await messageCounts(app, queueUrl);
      return visible + delayed + inFlight;
    },
    setCors: (bucket, rules) => {
      cors.set(bucket, rules);
    },
    notifications,
    openRequests: () => inFlight.size,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function watchCalls(app: EmulatorApp, onCall: OnCall): void {
  app.addHook('preHandler', ({ headers, body, method, url }, _reply, done) => {
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

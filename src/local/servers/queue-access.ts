import { UploadLedgerError } from '../../shared/errors.ts';
import { LOCAL_REGION } from '../identity.ts';
import { type EmulatorApp, headerOf } from '../s3/request.ts';

/** A message to send. */
export interface QueueMessage {
  readonly body: string;
  /** Seconds until it can be received, 0 to 900. @default 0 */
  readonly delaySeconds?: number;
  /** Message attributes, all of type String. @default none */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Writes emoji and the like as equivalent JSON escapes: the emulator's queues refuse them otherwise, SQS does not. */
export function escapeAstral(json: string): string {
  return json.replace(/[\ud800-\udfff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

/** A message that is in a queue. */
export interface StandingMessage {
  readonly messageId: string;
  readonly body: string;
  readonly messageAttributes: Readonly<Record<string, { readonly DataType: string; readonly StringValue?: string }>>;
  /** Milliseconds since 1970. */
  readonly sentTimestamp: number;
  readonly approximateReceiveCount: number;
}

/** What a queue holds, read without receiving it. */
export interface QueueContents {
  readonly ready: readonly StandingMessage[];
  readonly delayed: readonly StandingMessage[];
  readonly inFlight: readonly StandingMessage[];
}

const TARGET = 'x-amz-target';
const TARGET_PREFIX = 'AmazonSQS.';
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' } as const;
const MOVE_TASKS = new Set(['StartMessageMoveTask', 'CancelMessageMoveTask', 'ListMessageMoveTasks']);
const NAME_QUEUE_URLS = new Set(['CreateQueue', 'GetQueueUrl', 'ListQueues', 'ListDeadLetterSourceQueues']);

/**
 * Makes the queue URLs of the emulator usable. It names `sqs.<region>.localhost`, which resolves on few machines: the
 * answers name the endpoint instead. Message move tasks, which it lacks, are refused by an error that says what to do.
 *
 * @param endpoint The server's address, known once it listens.
 * @param isClosing Whether long polls must no longer begin: they are answered at once.
 */
export function installQueueEdge(app: EmulatorApp, endpoint: () => string, isClosing: () => boolean): void {
  app.addHook('onRequest', (request, reply, done) => {
    const action = actionOf(headerOf(request.headers, TARGET));
    if (action === undefined || !MOVE_TASKS.has(action)) return done();
    reply.headers({ ...JSON_TYPE, 'x-amzn-query-error': 'AWS.SimpleQueueService.UnsupportedOperation;Sender' });
    reply.code(400).send(JSON.stringify(moveTaskRefusal(action)));
  });
  app.addHook('preHandler', (request, _reply, done) => {
    const isReceive = actionOf(headerOf(request.headers, TARGET)) === 'ReceiveMessage';
    if (isReceive && isClosing()) Object.assign(request.body as object, { WaitTimeSeconds: 0 });
    done();
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    const action = actionOf(headerOf(request.headers, TARGET));
    const namesQueues = action !== undefined && NAME_QUEUE_URLS.has(action) && typeof payload === 'string';
    const emulatorHost = /http:\/\/sqs\.[^."/]+\.localhost(:\d+)?(?=\/)/g;
    done(null, namesQueues ? payload.replaceAll(emulatorHost, endpoint()) : payload);
  });
}

function actionOf(target: string | undefined): string | undefined {
  return target?.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : undefined;
}

function moveTaskRefusal(action: string) {
  return {
    __type: 'com.amazonaws.sqs#UnsupportedOperation',
    message:
      `The local stack does not implement ${action}: nothing was moved. ` +
      'Receive the messages of the dead-letter queue, send them to their source queue and delete them instead.',
  };
}

/** Calls SQS without the network, which is about ten times faster than the SDK. */
async function call(app: EmulatorApp, action: string, request: object) {
  const headers = { ...JSON_TYPE, [TARGET]: `${TARGET_PREFIX}${action}` };
  return app.inject({ method: 'POST', url: '/', headers, payload: JSON.stringify(request) });
}

/**
 * Sends messages without the network.
 *
 * @param messages As many as one SendMessageBatch may hold.
 * @throws UploadLedgerError `send-failed` when the queue refuses any of them.
 */
export async function sendMessages(
  app: EmulatorApp,
  queueUrl: string,
  messages: readonly QueueMessage[],
): Promise<void> {
  const Entries = messages.map(({ body, delaySeconds, attributes = {} }, index) => ({
    Id: String(index),
    MessageBody: body,
    ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
  }));
  const answer = await call(app, 'SendMessageBatch', { QueueUrl: queueUrl, Entries });
  const failed: unknown[] =
    answer.statusCode === 200 ? (answer.json<{ Failed?: unknown[] }>().Failed ?? []) : [answer.body];
  if (failed.length === 0) return;
  const detail = JSON.stringify(failed[0]).slice(0, 200);
  throw new UploadLedgerError('send-failed', `Could not send ${messages.length} messages to ${queueUrl}: ${detail}`);
}

/** Attributes of a queue that together count all of its messages, in the order of {@link MessageCounts}. */
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const;

/** How many messages a queue holds, of each kind. */
export interface MessageCounts {
  readonly visible: number;
  readonly delayed: number;
  readonly inFlight: number;
}

/** @throws UploadLedgerError `count-failed` when there is no such queue. */
export async function messageCounts(app: EmulatorApp, queueUrl: string): Promise<MessageCounts> {
  const answer = await call(app, 'GetQueueAttributes', { QueueUrl: queueUrl, AttributeNames: COUNTS });
  if (answer.statusCode !== 200) {
    const message = `Could not count the messages of ${queueUrl}: ${answer.body.slice(0, 200)}`;
    throw new UploadLedgerError('count-failed', message);
  }
  const { Attributes = {} } = answer.json<{ readonly Attributes?: Readonly<Record<string, string>> }>();
  const [visible = 0, delayed = 0, inFlight = 0] = COUNTS.map((name) => Number(Attributes[name] ?? 0));
  return { visible, delayed, inFlight };
}

/** Whether there is this queue or topic, by its ARN. */
export async function destinationExists(app: EmulatorApp, arn: string): Promise<boolean> {
  const [, , service = '', region, , name = ''] = arn.split(':');
  if (region !== LOCAL_REGION) return false;
  if (service === 'sqs') return (await call(app, 'GetQueueUrl', { QueueName: name })).statusCode === 200;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const payload = new URLSearchParams({ Action: 'GetTopicAttributes', TopicArn: arn }).toString();
  return (await app.inject({ method: 'POST', url: '/', headers, payload })).statusCode === 200;
}

/** Any host: the emulator looks at the path only. */
export function queueUrlOf(arn: string): string {
  const [account = '', name = ''] = arn.split(':').slice(4);
  return `http://localhost/${account}/${name}`;
}

/** The contents of the queue of that name; undefined when there is no such queue. */
export async function inspectQueue(app: EmulatorApp, queueName: string): Promise<QueueContents | undefined> {
  const answer = await app.inject({ method: 'GET', url: `/_fauxqs/queues/${encodeURIComponent(queueName)}` });
  if (answer.statusCode === 404) return undefined;
  const { messages } = answer.json<{
    messages: { ready: StandingMessage[]; delayed: StandingMessage[]; inflight: Array<{ message: StandingMessage }> };
  }>();
  const { ready, delayed, inflight } = messages;
  return { ready, delayed, inFlight: inflight.map(({ message }) => message) };
}

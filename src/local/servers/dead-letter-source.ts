import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../identity.ts';
import { type EmulatorApp, headerOf } from '../s3/request.ts';

/** A request or an answer of SQS's JSON protocol, as far as it is read here. */
interface QueueCall {
  readonly QueueUrl?: string;
  readonly QueueName?: string;
  readonly Attributes?: { readonly RedrivePolicy?: string };
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
  readonly MessageId?: string;
  readonly Successful?: readonly { readonly MessageId: string }[];
  readonly Messages?: readonly { readonly MessageId: string; readonly Attributes?: object }[];
}

/** The system attribute by which SQS says from where it moved a message to a dead-letter queue. */
const ATTRIBUTE = 'DeadLetterQueueSourceArn';

/**
 * Adds to received messages what the emulator does not tell: that SQS itself moved them to their dead-letter queue.
 * Those that somebody sent there are remembered by their ids, for as long as the server runs.
 */
export function installDeadLetterSource(app: EmulatorApp): void {
  const sources = new Map<string, string>();
  const sent = new Set<string>();
  app.addHook('onSend', (request, reply, payload, done) => {
    const [, action = ''] = /^AmazonSQS\.(\w+)$/.exec(headerOf(request.headers, 'x-amz-target') ?? '') ?? [];
    if (action === '' || reply.statusCode !== 200) return done(null, payload);
    const { QueueUrl = '', QueueName, Attributes, ...wanted } = request.body as QueueCall;
    const name = QueueName ?? nameOf(QueueUrl, '/');
    const target = deadLettersOf(Attributes?.RedrivePolicy);
    if (target !== undefined) sources.set(target, `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:${name}`);
    const source = sources.get(name);
    if (source === undefined || typeof payload !== 'string') return done(null, payload);
    if (action.startsWith('SendMessage')) for (const id of idsOf(JSON.parse(payload) as QueueCall)) sent.add(id);
    if (action !== 'ReceiveMessage' || !asksForSource(wanted)) return done(null, payload);
    const { Messages = [], ...answer } = JSON.parse(payload) as QueueCall;
    const told = Messages.map((message) =>
      sent.has(message.MessageId)
        ? message
        : { ...message, Attributes: { ...message.Attributes, [ATTRIBUTE]: source } },
    );
    done(null, JSON.stringify({ ...answer, ...(told.length > 0 && { Messages: told }) }));
  });
}

function deadLettersOf(policy: string | undefined): string | undefined {
  if (!policy) return undefined;
  const { deadLetterTargetArn } = JSON.parse(policy) as { readonly deadLetterTargetArn?: string };
  return deadLetterTargetArn && nameOf(deadLetterTargetArn, ':');
}

function nameOf(address: string, separator: string): string {
  return address.slice(address.lastIndexOf(separator) + 1);
}

function idsOf({ MessageId, Successful = [] }: QueueCall): string[] {
  return [...(MessageId === undefined ? [] : [MessageId]), ...Successful.map((entry) => entry.MessageId)];
}

function asksForSource({ AttributeNames = [], MessageSystemAttributeNames = [] }: QueueCall): boolean {
  return [...AttributeNames, ...MessageSystemAttributeNames].some((name) => name === 'All' || name === ATTRIBUTE);
}

import type { SQSRecord } from 'aws-lambda';
import type { AlertMessage, HeldBackMessage } from '../contract/alert-message.ts';
import type { EmailSettings } from '../contract/email-settings.ts';
import type { QuarantineCause } from '../contract/quarantine.ts';
import { fromAlertMessage, type ReceivedAlert } from '../digest/alerts/alert-rules.ts';
import type { DueDigest } from '../digest/window/handle-tick.ts';
import { type LedgerRecord, type RecordSettings, toLedgerRecord } from '../ledger/record.ts';
import { RecordTooLargeError } from '../ledger/record-key.ts';
import { RecordRefusedError } from '../ledger/write/put-errors.ts';
import type { PutUnlessBetter } from '../ledger/write/put-unless-better.ts';
import type { LedgerWriter } from '../ledger/write/writer.ts';
import type { DigestTick } from '../notification/digest-tick.ts';
import type { EventRecord } from '../notification/event-record.ts';
import { UnreadableMessageError } from '../notification/fields.ts';
import type { EventsNotification } from '../notification/parse-message.ts';
import { parseMessageBody } from '../notification/parse-message.ts';
import { toUpload, type UploadSettings } from '../upload/upload.ts';
import type { UploaderInMetadata } from '../upload/uploader.ts';

export interface MessageTools {
  readonly uploads: UploadSettings;
  /** Finds the uploader that an object's metadata names, where metadata is read. Never rejects. */
  readonly lookUpUploader?: ((event: EventRecord) => Promise<UploaderInMetadata> | undefined) | undefined;
  readonly records: RecordSettings;
  /** The writer of this invocation. */
  readonly ledger: Pick<LedgerWriter, 'put' | 'stats'>;
  /** Stores a record whose uploader was not found for certain. Where metadata is read. */
  readonly putUnlessBetter?: PutUnlessBetter | undefined;
  /** Of the stack: ticks of digests that are not in them are quarantined. Default: no email. */
  readonly email?: EmailSettings | undefined;
  /** Whether ticks say where the window of their digest ends. Default: no. */
  readonly ticksSetEnd?: boolean;
  /** Moves a copy to the dead-letter queue. */
  readonly quarantine: (message: SQSRecord, cause: QuarantineCause) => Promise<void>;
  readonly tally: MessageTally;
}

/** Counts what becomes of messages. */
export interface MessageTally {
  testEvents: number;
  eventsIgnored: number;
  /** Ids of the messages that go to quarantine although some of their event records are in the ledger. */
  readonly partlyRecorded: Set<string>;
  readonly ticks: ReceivedTick[];
  readonly alerts: ReceivedAlert[];
  readonly heldBack: ReceivedHeldBack[];
  addStored(record: LedgerRecord): void;
}

/** What was held back in a minute, to be told when the records of the batch are stored. */
export interface ReceivedHeldBack extends HeldBackMessage {
  readonly messageId: string;
}

/** A digest tick that waits for the records of its batch to be stored. */
export interface ReceivedTick {
  readonly messageId: string;
  readonly tick: DueDigest;
}

/**
 * Records what one message says. When it resolves, the message may be deleted: everything in it is stored, of no
 * interest, or in quarantine; or it is a digest tick or an alert, which the tally keeps until the records of the batch
 * are stored.
 *
 * @throws what a later try may cure, or a bug of this program: the message must come back.
 */
export async function handleMessage(message: SQSRecord, tools: MessageTools): Promise<void> {
  const parsed = parseOrCause(message.body);
  if ('reason' in parsed) return tools.quarantine(message, parsed);
  switch (parsed.kind) {
    case 'test-event':
      tools.tally.testEvents += 1;
      return;
    case 'events':
      return handleEvents(message, parsed, tools);
    case 'digest-tick':
      return keepTick(message, parsed.tick, tools);
    case 'alert':
      return keepAlert(message, parsed.alert, tools);
    case 'held-back-alerts':
      return keepHeldBack(message, parsed.heldBack, tools);
  }
}

function parseOrCause(body: string) {
  try {
    return parseMessageBody(body);
  } catch (error) {
    if (error instanceof UnreadableMessageError) return { reason: error.code, detail: error.detail };
    throw error;
  }
}

async function keepTick(message: SQSRecord, tick: DigestTick, tools: MessageTools): Promise<void> {
  const { scheduledTime, until, digestName } = tick;
  const digest = tools.email?.digests.find(({ name }) => name === digestName);
  if (digest === undefined) return tools.quarantine(message, notConfigured('digest', digestName));
  const end = tools.ticksSetEnd && until !== undefined ? { until } : {};
  tools.tally.ticks.push({ messageId: message.messageId, tick: { scheduledTime, ...end, digest } });
}

async function keepAlert(message: SQSRecord, said: AlertMessage, tools: MessageTools): Promise<void> {
  const alert = fromAlertMessage(said, tools.email?.alerts ?? []);
  if (alert === undefined) return tools.quarantine(message, notConfigured('alert', said.rule));
  const { messageId, attributes } = message;
  tools.tally.alerts.push({ messageId, sentAt: Number(attributes.SentTimestamp), alert });
}

async function keepHeldBack(message: SQSRecord, { minute }: HeldBackMessage, tools: MessageTools): Promise<void> {
  if (tools.email === undefined || tools.email.alerts.length === 0) {
    const detail = 'the stack has no alerts: configure one, deploy, then redrive; or purge this message';
    return tools.quarantine(message, { reason: 'email-not-configured', detail });
  }
  tools.tally.heldBack.push({ messageId: message.messageId, minute });
}

/** A later deployment may configure it again: until then no retry helps. */
function notConfigured(what: string, name: string): QuarantineCause {
  const detail = `the stack has no ${what} called ${name}: configure it, deploy, then redrive; or purge this message`;
  return { reason: 'email-not-configured', detail };
}

/**
 * Stores every record that can be stored, then decides about the message. If any failure is transient, the message goes
 * back to the uploads queue; it is quarantined only when all failures are permanent.
 */
async function handleEvents(message: SQSRecord, { events, unreadable }: EventsNotification, tools: MessageTools) {
  const results = await Promise.allSettled(events.map((event) => storeEvent(event, tools)));
  const causes = [...unreadable];
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    const cause = permanentCause(result.reason);
    if (cause === undefined) throw result.reason;
    causes.push(cause);
  }
  const [first] = causes;
  if (first === undefined) return;
  const all = events.length + unreadable.length;
  if (causes.length < all) tools.tally.partlyRecorded.add(message.messageId);
  await tools.quarantine(message, withCount(first, causes.length, all));
}

async function storeEvent(event: EventRecord, tools: MessageTools): Promise<void> {
  const { uploads, lookUpUploader, records, ledger, putUnlessBetter, tally } = tools;
  const lookup = lookUpUploader?.(event);
  const found = lookup && (await lookup);
  const upload = toUpload(event, uploads, found?.uploader);
  if (upload === undefined) {
    tally.eventsIgnored += 1;
    return;
  }
  const record = toLedgerRecord(upload, records);
  if (found?.isCertain === false && putUnlessBetter !== undefined) {
    const stored = await putUnlessBetter(record);
    if (stored !== undefined) tally.addStored(stored);
    return;
  }
  // Only the first of several messages that bring the same record counts it.
  if (await ledger.put(record)) tally.addStored(record);
}

/** Why no retry can store the record; undefined when one may. */
function permanentCause(error: unknown): QuarantineCause | undefined {
  if (error instanceof RecordTooLargeError) return { reason: 'record-too-large', detail: error.message };
  if (error instanceof RecordRefusedError) return { reason: 'refused-by-dynamodb', detail: error.message };
  return undefined;
}

/** Adds how many of the message's event records were not stored. */
function withCount({ reason, detail }: QuarantineCause, failed: number, all: number): QuarantineCause {
  const counted = `${failed} of ${all} event records are not in the ledger; the first: ${detail}`;
  return { reason, detail: all === 1 ? detail : counted };
}

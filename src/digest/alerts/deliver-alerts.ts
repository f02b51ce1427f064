import type { SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import {
  ALERT_MESSAGE,
  type AlertMessage,
  HELD_BACK_MESSAGE,
  type HeldBackMessage,
} from '../../contract/alert-message.ts';
import type { Clock } from '../../shared/clock.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { HOUR_MS } from '../../shared/time.ts';
import { EmailError } from '../email/ses-errors.ts';
import type { Alert, ReceivedAlert } from './alert-rules.ts';
import type { ClaimedAlerts } from './claim-alerts.ts';

/** How long an alert is tried again from its message in the queue. */
const TRIED_FOR_MS = HOUR_MS;

/** A try to send an alert that failed. */
interface FailedAlert {
  readonly alert: Alert;
  readonly error: unknown;
  /** Whether it is given up; otherwise it is tried again from its message in the queue. */
  readonly isGivenUp: boolean;
  /** Whether only the log has it: SES, the queue and the table have all refused it. */
  readonly isLost?: boolean;
}

/** What became of the alerts of one invocation. */
export interface DeliveredAlerts {
  readonly sent: number;
  readonly failed: readonly FailedAlert[];
  /** Ids of the messages that must come back. */
  readonly comeBack: readonly string[];
}

interface DeliveryTools {
  readonly clock: Pick<Clock, 'now'>;
  readonly sendAlert: (alert: Alert) => Promise<void>;
  /** Claims an email of this minute. */
  readonly claim: (alert: Alert) => Promise<ClaimedAlerts>;
  /** Puts the alert into the queue, as a message of its own. */
  readonly enqueue: (alert: Alert) => Promise<void>;
  /** Lets the next digest name the alert. */
  readonly nameInDigest: (alert: Alert) => Promise<void>;
}

/** No email was left for the alert in the minute in which it was tried. */
export class NoEmailLeftError extends UploadLedgerError {
  override readonly name = 'NoEmailLeftError';

  constructor() {
    super(
      'no-alert-email-left',
      'The alert emails of the minute are used up: narrow the rules, or raise alertsPerMinute.',
    );
  }
}

/**
 * Sends the alerts of a batch, then those that wait in the queue. Never throws: the uploads are recorded, and no email
 * is worth recording them again.
 *
 * An alert of the batch that cannot be sent goes to the queue once, as a message of its own; that message comes back by
 * its visibility, and is never sent again. After an hour the alert is given up, and the next digest names it.
 *
 * @param alerts Of the batch, with an email claimed for each; `failed` those for which none could be claimed.
 */
export async function deliverAlerts(
  { alerts, failed: unclaimed }: Pick<ClaimedAlerts, 'alerts' | 'failed'>,
  received: readonly ReceivedAlert[],
  tools: DeliveryTools,
): Promise<DeliveredAlerts> {
  const sender = new Sender(tools.sendAlert);
  const failed: FailedAlert[] = [];
  const comeBack: string[] = [];
  for (const { alert, error } of [...unclaimed, ...(await sender.sendAll(alerts))]) {
    const isQueued = await succeeds(tools.enqueue(alert));
    const isLost = !isQueued && !(await succeeds(tools.nameInDigest(alert)));
    failed.push({ alert, error, isGivenUp: !isQueued, ...(isLost && { isLost }) });
  }
  for (const { messageId, sentAt, alert } of received) {
    const error = await tryAgain(alert, sender, tools);
    if (error === undefined) continue;
    const isOver = tools.clock.now() - sentAt >= TRIED_FOR_MS;
    const isGivenUp = isOver && (await succeeds(tools.nameInDigest(alert)));
    if (!isGivenUp) comeBack.push(messageId);
    failed.push({ alert, error, isGivenUp });
  }
  return { sent: sender.sent, failed, comeBack };
}

async function tryAgain(alert: Alert, sender: Sender, { claim }: DeliveryTools): Promise<unknown> {
  if (sender.stoppedBy !== undefined) return sender.stoppedBy;
  const { alerts, failed } = await claim(alert);
  if (alerts.length === 0) return failed[0]?.error ?? new NoEmailLeftError();
  return (await sender.sendAll(alerts))[0]?.error;
}

/** Sends until something fails that would fail every other alert too. */
class Sender {
  sent = 0;
  /** Why nothing more is sent. */
  stoppedBy: unknown;
  readonly #send: DeliveryTools['sendAlert'];

  constructor(send: DeliveryTools['sendAlert']) {
    this.#send = send;
  }

  /** One after the other. @returns those that failed. */
  async sendAll(alerts: readonly Alert[]): Promise<{ readonly alert: Alert; readonly error: unknown }[]> {
    const failed = [];
    for (const alert of alerts) {
      const error = this.stoppedBy ?? (await this.#try(alert));
      if (error !== undefined) failed.push({ alert, error });
    }
    return failed;
  }

  async #try(alert: Alert): Promise<unknown> {
    try {
      await this.#send(alert);
      this.sent += 1;
      return undefined;
    } catch (error) {
      // Of the account, or of SES itself.
      if (error instanceof EmailError && !error.isOfOneRecipient) this.stoppedBy = error;
      return error;
    }
  }
}

async function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

export interface AlertQueue {
  /** Called at the first message; the SQS client is not loaded before. */
  readonly client: () => Promise<SQSClient>;
  readonly queueUrl: string;
}

/**
 * Sends the alert to the uploads queue.
 *
 * @throws whatever the call failed with.
 */
export async function enqueueAlert(
  { id, rule, count, bytes, buckets, mentions, since }: Alert,
  queue: AlertQueue,
  abortSignal: AbortSignal,
): Promise<void> {
  const matches = {
    count,
    bytes,
    buckets: buckets.slice(0, MAX_BUCKETS),
    mentions,
    ...(since !== undefined && { since }),
  };
  const message: AlertMessage = { id, rule: rule.name, ...matches };
  await send({ MessageBody: toSqsJson({ uploadLedger: ALERT_MESSAGE, ...message }) }, queue, abortSignal);
}

/**
 * Sends the uploads queue a message that shows when the minute is over and lets people be told what was held back in it.
 *
 * @throws whatever the call failed with.
 */
export async function enqueueHeldBack(
  message: HeldBackMessage,
  DelaySeconds: number,
  queue: AlertQueue,
  abortSignal: AbortSignal,
): Promise<void> {
  const MessageBody = JSON.stringify({ uploadLedger: HELD_BACK_MESSAGE, ...message });
  await send({ MessageBody, DelaySeconds }, queue, abortSignal);
}

async function send(
  message: Pick<SendMessageCommandInput, 'MessageBody' | 'DelaySeconds'>,
  { client, queueUrl: QueueUrl }: AlertQueue,
  abortSignal: AbortSignal,
): Promise<void> {
  const [sqs, { SendMessageCommand }] = await Promise.all([client(), import('@aws-sdk/client-sqs')]);
  await sqs.send(new SendMessageCommand({ QueueUrl, ...message }), { abortSignal });
}

/** The email names one bucket, or none when there are several. */
const MAX_BUCKETS = 2;

/** SQS refuses two characters that JSON leaves as they are. Source: SQS API reference, SendMessage. */
function toSqsJson(value: object): string {
  return JSON.stringify(value).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

import { describe, expect, it } from 'vitest';
import { type Alert, fromAlertMessage, matchAlerts, toAlert } from '../../../src/digest/alerts/alert-rules.ts';
import { deliverAlerts, enqueueAlert } from '../../../src/digest/alerts/deliver-alerts.ts';
import { EmailError } from '../../../src/digest/email/ses-errors.ts';
import { parseMessageBody } from '../../../src/notification/parse-message.ts';
import { HOUR_MS } from '../../../src/shared/time.ts';
import { alertRule } from '../../builders/email-settings.ts';
import { record, records } from '../records.ts';

const RULES = ['a', 'b', 'c'].map((name) => alertRule(name));
const ALERTS = matchAlerts(records(3), RULES, 'batch');
const NOW = 10 * HOUR_MS;

const down = new EmailError('email-sending-paused', 'Sending is paused.');
const rejected = new EmailError('email-rejected', 'Rejected.');

interface Refusals {
  readonly send?: (rule: string) => Error | undefined;
  readonly claim?: 'held back' | Error;
  readonly enqueue?: Error;
  readonly name?: Error;
}

/** What was asked for, in order, with tools that refuse as they are told. */
function deliver(alerts: readonly Alert[], ages: readonly number[] = [], refusals: Refusals = {}) {
  const log: string[] = [];
  const received = ages.map((age, at) => {
    return { messageId: `message-${at}`, sentAt: NOW - age, alert: ALERTS[at % ALERTS.length] as Alert };
  });
  const refuse = (error: Error | undefined) => {
    if (error !== undefined) throw error;
  };
  const result = deliverAlerts({ alerts, failed: [] }, received, {
    clock: { now: () => NOW },
    sendAlert: async ({ rule }) => {
      log.push(`send ${rule.name}`);
      refuse(refusals.send?.(rule.name));
    },
    claim: async (alert) => {
      log.push(`claim ${alert.rule.name}`);
      const { claim } = refusals;
      if (claim === 'held back') return { alerts: [], heldBack: [alert], failed: [] };
      return claim === undefined
        ? { alerts: [alert], heldBack: [], failed: [] }
        : { alerts: [], heldBack: [], failed: [{ alert, error: claim }] };
    },
    enqueue: async ({ rule }) => {
      refuse(refusals.enqueue);
      log.push(`enqueue ${rule.name}`);
    },
    nameInDigest: async ({ rule }) => {
      refuse(refusals.name);
      log.push(`name ${rule.name}`);
    },
  });
  return result.then((delivered) => ({ ...delivered, log }));
}

describe('the alerts of a batch', () => {
  it('are sent one after the other', async () => {
    const { sent, failed, comeBack, log } = await deliver(ALERTS);
    expect({ sent, failed, comeBack }).toEqual({ sent: 3, failed: [], comeBack: [] });
    expect(log).toEqual(['send a', 'send b', 'send c']);
  });

  it('go to the queue when SES rejects them, and keep none of the others from being sent', async () => {
    const { sent, failed, log } = await deliver(ALERTS, [], {
      send: (rule) => (rule === 'b' ? rejected : undefined),
    });
    expect(sent).toBe(2);
    expect(failed).toEqual([{ alert: ALERTS[1], error: rejected, isGivenUp: false }]);
    expect(log).toEqual(['send a', 'send b', 'send c', 'enqueue b']);
  });

  it('cost one call, and all go to the queue, when SES sends nothing at all', async () => {
    const { failed, log } = await deliver(ALERTS, [], { send: () => down });
    expect(failed).toHaveLength(3);
    expect(log).toEqual(['send a', 'enqueue a', 'enqueue b', 'enqueue c']);
  });

  it('are named in the next digest when the queue does not take them either', async () => {
    const { failed, log } = await deliver(ALERTS.slice(0, 1), [], { send: () => down, enqueue: new Error('no queue') });
    expect(failed).toMatchObject([{ isGivenUp: true }]);
    expect(log).toEqual(['send a', 'name a']);
  });

  it('throw nothing, whatever fails', async () => {
    const enqueue = new Error('no queue');
    const { failed } = await deliver(ALERTS, [HOUR_MS], { send: () => new Error('a bug'), enqueue, name: enqueue });
    expect(failed.map(({ isGivenUp }) => isGivenUp)).toEqual([true, true, true, false]);
  });
});

describe('an alert from the queue', () => {
  it('is sent with an email of the minute in which it is tried, and never goes to the queue again', async () => {
    const { sent, comeBack, log } = await deliver([], [1_000]);
    expect({ sent, comeBack }).toEqual({ sent: 1, comeBack: [] });
    expect(log).toEqual(['claim a', 'send a']);
  });

  it('comes back when SES does not take it, with the others behind it, which are not even tried', async () => {
    const { failed, comeBack, log } = await deliver([], [1_000, 1_000], { send: () => down });
    expect(comeBack).toEqual(['message-0', 'message-1']);
    expect(failed.map(({ isGivenUp }) => isGivenUp)).toEqual([false, false]);
    expect(log).toEqual(['claim a', 'send a']);
  });

  it.each<[string, Refusals['claim']]>([
    ['no email is left in the minute', 'held back'],
    ['none could be claimed', new Error('no table')],
  ])('comes back when %s', async (_, claim) => {
    const { comeBack, log } = await deliver([], [1_000], { ...(claim !== undefined && { claim }) });
    expect(comeBack).toEqual(['message-0']);
    expect(log).toEqual(['claim a']);
  });

  it('is tried once more after an hour, and then named in the next digest', async () => {
    const { failed, comeBack, log } = await deliver([], [HOUR_MS, HOUR_MS - 1], { send: () => down });
    expect(log).toEqual(['claim a', 'send a', 'name a']);
    expect(failed.map(({ isGivenUp }) => isGivenUp)).toEqual([true, false]);
    expect(comeBack).toEqual(['message-1']);
  });

  it('comes back as long as no digest can be told of it', async () => {
    const { failed, comeBack } = await deliver([], [2 * HOUR_MS], { send: () => down, name: new Error('no table') });
    expect(failed).toMatchObject([{ isGivenUp: false }]);
    expect(comeBack).toEqual(['message-0']);
  });
});

describe('the message of an alert', () => {
  const rule = alertRule('large', { minimumBytes: 1 });

  async function bodyOf(alert: Alert): Promise<string> {
    let body = '';
    const send = async ({ input }: { input: { MessageBody: string } }) => {
      body = input.MessageBody;
    };
    const client = async () => ({ send }) as never;
    await enqueueAlert(alert, { client, queueUrl: 'uploads' }, new AbortController().signal);
    return body;
  }

  it('brings the same alert back, whatever the keys are', async () => {
    const strange = ['\uffff\ufffe', 'a\u0000b\n', '\ud83d\ude00', '"quoted"', 'ü'].map((s3_key) => record({ s3_key }));
    const [alert] = matchAlerts(strange, [rule], 'batch');
    const body = await bodyOf(alert as Alert);
    // What SQS takes. Source: SQS API reference, SendMessage.
    expect(body).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
    const parsed = parseMessageBody(body);
    expect(parsed.kind === 'alert' && fromAlertMessage(parsed.alert, [rule])).toEqual(alert);
  });

  it('says neither recipients nor conditions: both are those of the rule as it is configured now', async () => {
    const alert = toAlert('1', rule, { count: 1, bytes: 1, buckets: ['b'], mentions: ALERTS[0]?.mentions ?? [] });
    const body = await bodyOf(alert);
    expect(body).not.toMatch(/team@example\.com|minimumBytes/);
    const parsed = parseMessageBody(body);
    const today = alertRule('large', { recipients: ['new@example.com'], minimumBytes: 5 });
    expect(parsed.kind === 'alert' && fromAlertMessage(parsed.alert, [today])).toMatchObject({
      rule: today,
      channels: { email: ['new@example.com'] },
    });
    expect(parsed.kind === 'alert' && fromAlertMessage(parsed.alert, [])).toBeUndefined();
  });
});

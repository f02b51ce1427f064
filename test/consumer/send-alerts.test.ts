import { describe, expect, it } from 'vitest';
import { sendAlerts } from '../../src/consumer/finish-with-email.ts';
import { matchAlerts } from '../../src/digest/alerts/alert-rules.ts';
import { records } from '../digest/records.ts';

const names = ['a', 'b', 'c'];
const alerts = matchAlerts(
  records(3),
  names.map((name) => ({ name, recipients: [`${name}@example.com`], timeZone: 'UTC', everything: true })),
);

describe('sendAlerts', () => {
  it('sends each of them once, one after the other', async () => {
    const log: string[] = [];
    const { sent, failed } = await sendAlerts(alerts, async ({ rule }) => {
      log.push(`start ${rule.name}`);
      await Promise.resolve();
      log.push(`end ${rule.name}`);
    });
    expect(log).toEqual(names.flatMap((name) => [`start ${name}`, `end ${name}`]));
    expect({ sent, failed }).toEqual({ sent: 3, failed: [] });
  });

  it('continues after one that fails, and returns which failed and why', async () => {
    const error = new Error('MessageRejected');
    const { sent, failed } = await sendAlerts(alerts, async ({ rule }) => {
      if (rule.name === 'b') throw error;
    });
    expect(sent).toBe(2);
    expect(failed.map(({ alert, error: cause }) => [alert.rule.name, cause])).toEqual([['b', error]]);
  });

  it('does not throw even when sending throws at once', async () => {
    const { sent, failed } = await sendAlerts(alerts, () => {
      throw new Error('no renderer');
    });
    expect([sent, failed.length]).toEqual([0, 3]);
  });
});

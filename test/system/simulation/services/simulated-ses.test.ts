import { describe, expect, it } from 'vitest';
import { sendEmail } from '../../../../src/digest/email/mailer.ts';
import { DAY_MS, MINUTE_MS } from '../../../../src/shared/time.ts';
import { type AcceptedEmail, type EmailFault, type SesOptions, SimulatedSes } from './simulated-ses.ts';
import { VirtualClock } from './virtual-clock.ts';

const EMAIL = { subject: 'Uploads', text: 'text', html: '<p>html</p>' };

/** @param faults Of the tries to come, in order; then there are none. */
function openSes(faults: (EmailFault | undefined)[] = [], options: Partial<SesOptions> = {}) {
  const clock = new VirtualClock(0, 1);
  const ses = new SimulatedSes({ clock, fault: () => faults.shift(), ...options });
  const accepted: AcceptedEmail[] = [];
  const client = ses.connect(undefined, (email) => accepted.push(email));
  const send = (...recipients: string[]) => {
    const deadline = clock.now() + MINUTE_MS;
    return clock.run(sendEmail(EMAIL, recipients, { client, sender: 'ledger@example.com', clock, deadline }));
  };
  return { clock, accepted, send };
}

describe('the mailer', () => {
  it('sends through the simulated SES', async () => {
    const { accepted, send } = openSes();
    const { reached } = await send('a@example.com', 'b@example.com');
    expect(reached).toEqual(['a@example.com', 'b@example.com']);
    expect(accepted.map(({ recipient }) => recipient)).toEqual(reached);
    expect(accepted[0]?.message).toContain('Subject: Uploads');
  });

  it('waits while SES throttles', async () => {
    const throttled = Array.from({ length: 6 }, (): EmailFault => 'throttled');
    const { accepted, send } = openSes(throttled);
    expect((await send('a@example.com')).error).toBeUndefined();
    expect(accepted).toHaveLength(1);
  });

  it.each([
    ['paused', /Sending paused for this account/],
    ['rejected', /not verified/],
  ] as const)('gives up an email that SES does not take at once: %s', async (fault, reason) => {
    const { accepted, send } = openSes([fault]);
    const { error } = await send('a@example.com');
    expect(String(error?.cause)).toMatch(reason);
    expect(accepted).toEqual([]);
  });

  it('repeats a call whose answer was lost, and so sends an email twice', async () => {
    const { accepted, send } = openSes(['answer-lost']);
    expect((await send('a@example.com')).reached).toEqual(['a@example.com']);
    expect(accepted).toHaveLength(2);
  });

  it('outlasts an SES that is down for two tries', async () => {
    const { accepted, send } = openSes(['unavailable', 'unavailable']);
    expect((await send('a@example.com')).error).toBeUndefined();
    expect(accepted).toHaveLength(1);
  });
});

describe('the quotas of an account', () => {
  it('let so many emails through in a second', async () => {
    const { accepted, send } = openSes([], { maxPerSecond: 1 });
    await send('a@example.com', 'b@example.com', 'c@example.com');
    const times = accepted.map(({ at }) => at);
    expect(times).toHaveLength(3);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it('let so many emails through in 24 hours', async () => {
    const { clock, accepted, send } = openSes([], { maxPerDay: 2 });
    await send('a@example.com', 'b@example.com');
    expect((await send('c@example.com')).error?.code).toBe('email-quota-used-up');
    await clock.runUntil(DAY_MS + MINUTE_MS);
    expect((await send('c@example.com')).error).toBeUndefined();
    expect(accepted).toHaveLength(3);
  });
});

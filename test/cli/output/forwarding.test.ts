import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { withForwarding } from '../../../src/cli/assembly.ts';
import { createForwardingLog } from '../../../src/cli/output/forwarding.ts';
import type { DeliveryReport } from '../../../src/local/events/deliveries.ts';
import { runCli } from '../cli.ts';

const event: DeliveryReport['event'] = {
  version: '0',
  id: 'on-the-bus',
  'detail-type': 'UploadRecorded',
  source: 'upload-ledger',
  account: '000000000000',
  time: '2026-11-30T08:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: { id: '1f0c7a5e9d4b4d0c8e2a6b7f3c5d9e10' },
};
const url = 'http://localhost:3000/hooks';
const delivered: DeliveryReport = { event, url, attempt: 1, outcome: { isDelivered: true, status: 204 } };
const refused = {
  isDelivered: false,
  code: 'CONNECTION_FAILURE',
  message: 'Nobody there.',
  isRetryable: true,
} as const;
const failing: DeliveryReport = { event, url, attempt: 1, outcome: refused, nextAfterMs: 2000 };

describe('the log of forwarded events', () => {
  it('has a line for each delivery', () => {
    const log = createForwardingLog();
    const line = { stream: 'stdout', text: `          UploadRecorded 1f0c7a5e delivered to ${url} (204)` };
    expect([log(delivered), log(delivered)]).toEqual([line, line]);
  });

  it('shows of an address neither its query nor who signs in, which can be secrets', () => {
    const log = createForwardingLog();
    const secret = { url: 'http://bob:hunter2@localhost:3000/hooks?token=s3cret' };
    const texts = [
      { ...delivered, ...secret },
      { ...failing, ...secret },
    ].map((report) => log(report)?.text ?? '');
    for (const text of texts) {
      expect(text).toContain(url);
      expect(text).not.toMatch(/hunter2|s3cret/);
    }
  });

  it('says once that the server takes no events, and again after it has taken one', () => {
    const log = createForwardingLog();
    const texts = [failing, failing, delivered, failing].map((report) => log(report)?.text);
    const failure = `${url} does not accept events: Nobody there. Events are sent again, UploadRecorded 1f0c7a5e in 2.0 s.`;
    expect(texts).toEqual([failure, undefined, expect.stringContaining('delivered'), failure]);
  });

  it('names each event that is given up', () => {
    const { nextAfterMs: _, ...final } = failing;
    const log = createForwardingLog();
    const line = {
      stream: 'stderr',
      text: 'UploadRecorded 1f0c7a5e is given up: Nobody there. It is a dead letter now.',
    };
    expect([log(final), log(final)]).toEqual([line, line]);
  });
});

describe('the stack that forwards events', () => {
  const all = ['UploadRecorded', 'DeleteRecorded', 'RestoreRecorded'];
  const eventsOf = (settings: Readonly<Record<string, unknown>>) => JSON.parse(withForwarding(settings)).at(-1).events;

  it('has a webhook for every event that its settings make', () => {
    expect(eventsOf({})).toEqual(all);
    expect(eventsOf({ alerts: '[{}]' })).toEqual([...all, 'AlertRaised']);
    expect(eventsOf({ alerts: [{}], digests: [{}] })).toEqual([...all, 'AlertRaised', 'DigestReady']);
    expect(eventsOf({ alerts: [], digests: '[]' })).toEqual(all);
  });

  it('keeps the webhooks of the settings', () => {
    const orders = { name: 'orders', url: 'https://app.example.com/', secretName: 'orders' };
    for (const webhooks of [[orders], JSON.stringify([orders])]) {
      expect(JSON.parse(withForwarding({ webhooks }))).toMatchObject([orders, { name: 'forward' }]);
    }
  });

  it('is one that deploys, whatever webhooks the settings have', () => {
    const webhook = (name: string) => ({ name, url: 'https://app.example.com/', secretName: 'orders' });
    const named = ['Forward', 'forward-2'].map(webhook);
    const most = Array.from({ length: 20 }, (_, index) => webhook(`hook-${index}`));
    for (const webhooks of [named, most]) {
      const { webhooks: parsed } = parseConfiguration({ webhooks: withForwarding({ webhooks }) });
      expect(parsed).toHaveLength(webhooks.length + 1);
    }
    expect(() => parseConfiguration({ webhooks: [...most, webhook('hook-20')] })).toThrow('there are 21');
  });

  it('leaves what is no list of webhooks for the synthesis to refuse', () => {
    expect(() => parseConfiguration({ webhooks: withForwarding({ webhooks: 'orders' }) })).toThrow('webhook 1');
  });

  it('has no address with a user and a password, which it would print', async () => {
    const { exitCode, stderr } = await runCli(['local', '--forward', 'http://bob:hunter2@localhost:3000/hooks']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--forward');
    expect(stderr).toContain('without user and password');
    expect(stderr).not.toContain('hunter2');
  });

  it.each(['https://localhost:3000/', 'http://192.168.1.5/hooks', 'http://example.com', 'localhost:3000', '3000'])(
    'refuses to forward to %s',
    async (address) => {
      const { exitCode, stderr } = await runCli(['local', '--forward', address]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('an http:// URL of this machine, such as http://localhost:3000/hooks');
    },
  );
});

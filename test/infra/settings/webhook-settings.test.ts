import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { configurationErrorOf } from './configuration-error-of.ts';

const orders = { name: 'orders', url: 'https://app.example.com/hooks/uploads', secretName: 'ledger/orders' };
const slack = { name: 'chat', format: 'slack', channel: 'C0123456789', secretName: 'ledger/slack' };
const teams = {
  name: 'desk',
  format: 'teams',
  url: 'https://prod-1.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0',
  secretName: 'ledger/teams',
};

function errors(...webhooks: readonly unknown[]): string {
  const issues = configurationErrorOf({ webhooks })?.issues ?? [];
  return issues.map(({ key, rule }) => `${key}: ${rule}`).join('\n');
}

describe('the setting webhooks', () => {
  it('is a list in cdk.json and JSON on the command line', () => {
    const webhooks = [orders, slack, teams];
    expect(parseConfiguration({ webhooks })).toMatchObject({ webhooks });
    expect(parseConfiguration({ webhooks: JSON.stringify(webhooks) })).toEqual(parseConfiguration({ webhooks }));
  });

  it.each([
    'http://app.example.com/',
    'http://localhost:3000/hooks',
    'https://localhost/hooks',
    'https://app.localhost/',
    'https://127.0.0.1/hooks',
    'https://2130706433/',
    'https://[::1]/hooks',
    'https://app/hooks',
    'https://user:secret@app.example.com/',
    'https://app.example.com/#part',
    'https://app.example.com/*',
    'https://app.example.com/\r\nx: y',
    `https://app.example.com/${'x'.repeat(2048)}`,
    'ftp://app.example.com/',
    '',
    7,
  ])('refuses the address %j', (url) => {
    expect(errors({ ...orders, url })).toContain(
      'webhook 1: url: expected a public https:// address of at most 2048 ASCII characters, without user and fragment',
    );
  });

  it.each([
    ['a name with a dot', { name: 'a.b' }, 'name: expected 1 to 64 letters, digits, - and _'],
    ['no secret', { secretName: undefined }, 'secretName: expected the name of a secret in AWS Secrets Manager'],
    ['a dynamic reference for a secret', { secretName: '{{resolve:ssm:x}}' }, 'secretName: expected the name'],
    ['a format of its own', { format: 'xml' }, 'format: expected json, slack, teams, got "xml"'],
    ['no events', { events: [] }, 'events: expected a list of UploadRecorded, DeleteRecorded'],
    ['an event twice', { events: ['UploadRecorded', 'UploadRecorded'] }, 'events: expected a list of UploadRecorded'],
    ['an unknown event', { events: ['ObjectCreated'] }, 'events: expected a list of UploadRecorded'],
    ['an empty prefix', { prefix: '' }, 'prefix: expected 1 to 1024 characters'],
    ['half a character', { suffix: '\ud800' }, 'suffix: expected 1 to 1024 characters'],
    ['an unknown category', { category: 'pictures' }, 'category: expected image, video'],
    ['no requests', { ratePerSecond: 0 }, 'ratePerSecond: expected a whole number from 1 to 300'],
    ['too many requests', { ratePerSecond: 301 }, 'ratePerSecond: expected a whole number from 1 to 300'],
    ['an unknown field', { headers: {} }, '"headers": expected no such field'],
    ['a channel without Slack', { channel: 'C1' }, 'channel: expected none without format slack'],
    [
      'a condition on what has no record',
      { events: ['UploadRecorded', 'AlertRaised'], prefix: 'in/' },
      'prefix: expected no conditions with AlertRaised: use a separate webhook for those',
    ],
    [
      'conditions that no rule has room for',
      { prefix: 'p'.repeat(1024), suffix: 's'.repeat(1024) },
      'prefix, suffix: expected 654 characters fewer, to fit into an EventBridge rule',
    ],
  ])('refuses %s', (_, fields, rule) => {
    expect(errors({ ...orders, ...fields })).toContain(`webhook 1: ${rule}`);
  });

  it.each([
    'https://hooks.slack.com/services/T0/B0/x',
    'https://hooks.slack-gov.com/services/T0/B0/x',
    'https://HOOKS.slack.com:443/services/T0/B0/x',
    'https://example.webhook.office.com/webhookb2/1/IncomingWebhook/2/3',
    'https://discord.com/api/webhooks/1/x',
    'https://ptb.discordapp.com/API/v10/webhooks/1/x',
  ])('refuses the address of an incoming webhook, which is a secret: %s', (url) => {
    expect(errors({ ...orders, url })).toContain('webhook 1: url: expected no incoming webhook of a chat');
  });

  it.each(['sig', 'SIG', '%73ig', 'key', 'token', 'Access_Token', 'code'])(
    'refuses an address with the secret parameter %s',
    (name) => {
      const url = `https://chat.googleapis.com/v1/spaces/A/messages?a=1&${name}=abc`;
      expect(errors({ ...orders, url })).toContain(
        `webhook 1: url: expected none with the parameter ${decodeURIComponent(name)}: its value belongs in the secret`,
      );
    },
  );

  it.each([
    'https://discord.com/developers/api',
    'https://hooks.slack.com.example.com/services',
    'https://app.example.com/key?keys=1&design=a',
  ])('takes an address that only looks like one of those: %s', (url) => {
    expect(parseConfiguration({ webhooks: [{ ...orders, url }] })).toMatchObject({ webhooks: [{ url }] });
  });

  it('needs a channel with Slack alone, and an address with everything else', () => {
    expect(errors({ ...slack, channel: undefined })).toContain('channel: expected one with format slack, got none');
    expect(errors({ ...teams, url: undefined })).toContain('url: expected one with format teams, got none');
    expect(errors({ ...orders, url: undefined })).toContain('url: expected one with format json, got none');
  });

  it('names everything that is wrong with all webhooks at once', () => {
    const rule = errors({ ...orders, url: 'x', format: 'xml' }, { ...orders, name: 'ORDERS', events: 'all' }, 'hook');
    expect(rule).toMatch(/webhook 1: url: .*webhook 1: format: .*webhook 2: events: .*webhook 3: expected an object/);
    expect(rule).toContain('name: expected a different one for each webhook, got "ORDERS" twice');
  });

  it.each([[[]], [Array.from({ length: 21 }, (_, index) => ({ ...orders, name: `n${index}` }))]])(
    'refuses a list of %j',
    (webhooks) => {
      expect(errors(...webhooks)).toContain(`must be a list of 1 to 20 webhooks`);
    },
  );

  it('asks for alerts where a topic waits for them', () => {
    const alertTopic = 'arn:aws:sns:eu-west-1:111122223333:alerts';
    expect(configurationErrorOf({ alertTopic })?.issues).toMatchObject([
      { key: 'alertTopic', rule: 'needs alerts: without them it gets nothing' },
    ]);
  });

  it('asks for alerts and digests where webhooks wait for them', () => {
    expect(errors({ ...slack, events: ['AlertRaised', 'DigestReady'] })).toBe(
      [
        'webhooks: must not ask for AlertRaised without alerts: without them there are no such events',
        'webhooks: must not ask for DigestReady without digests: without them there are no such events',
      ].join('\n'),
    );
  });
});

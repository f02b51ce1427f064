import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { configurationErrorOf } from './configuration-error-of.ts';

const emailSender = 'ledger@example.com';
const recipients = ['team@example.com'];
const digest = { name: 'daily', schedule: 'rate(1 day)', recipients };
const alert = { name: 'large', minimumBytes: 1, recipients };

function errors(settings: Readonly<Record<string, unknown>>): readonly string[] {
  return configurationErrorOf(settings)?.issues.map(({ key, rule }) => `${key}: ${rule}`) ?? [];
}

describe('the settings of email', () => {
  it('are lists in cdk.json and JSON on the command line', () => {
    const parsed = parseConfiguration({ emailSender, digests: [digest], alerts: [alert] });
    expect(parsed).toMatchObject({ emailSender, digests: [digest], alerts: [alert], alertsPerMinute: 10 });
    const asText = { digests: JSON.stringify([digest]), alerts: JSON.stringify([alert]), alertsPerMinute: '3' };
    expect(parseConfiguration({ emailSender, ...asText })).toEqual({ ...parsed, alertsPerMinute: 3 });
    expect(parseConfiguration(parsed)).toEqual(parsed);
  });

  it.each(['Ledger <ledger@example.com>', 'ledger', 'a@b.c,d@e.f', 'ledger@example.com\r\nBcc: x@y.z'])(
    'refuse the sender %j',
    (wrong) => {
      expect(errors({ emailSender: wrong, digests: [digest] })).toEqual([
        'emailSender: must be one plain email address, such as ledger@example.com',
      ]);
    },
  );

  it.each([
    'ledger.example.com',
    'javascript:alert(1)',
    'https://a.example/\r\nBcc: b',
    `https://a.example/${'x'.repeat(400)}`,
  ])('refuse the link %j', (consoleUrl) => {
    expect(errors({ emailSender, digests: [digest], consoleUrl }).join()).toMatch(
      /^consoleUrl: must be a URL of at most/,
    );
  });

  it('say why SES refuses an address', () => {
    const [sender, alarms] = errors({ emailSender: 'a..b@example.com', digests: [digest], alarmEmails: 'a@1.2.3.4' });
    expect([sender, alarms]).toEqual([
      'emailSender: must be one plain email address, such as ledger@example.com, but the part before the @ begins or ends with a dot, or has two in a row',
      'alarmEmails: must be a list of 1 to 50 plain email addresses, each once, but the domain ends with a number',
    ]);
  });

  it.each([
    ['every day', 'digest 1: schedule: expected a schedule such as rate(15 minutes)', { schedule: 'every day' }],
    ['a 5-field cron', 'digest 1: schedule: expected the 6 fields', { schedule: 'cron(0 8 * * *)' }],
    ['a zone of its own', 'digest 1: timeZone: expected an IANA time zone', { timeZone: 'Mars/Olympus' }],
    ['a zone in the wrong case', 'digest 1: timeZone: expected an IANA time zone', { timeZone: 'europe/berlin' }],
    ['an old zone in the wrong case', 'expected an IANA time zone as it is written', { timeZone: 'US/PACIFIC' }],
    ['a zone renamed since', 'expected an IANA time zone as it is written there', { timeZone: 'EUROPE/KYIV' }],
    ['a zone of two words', 'expected an IANA time zone as it is written there', { timeZone: 'Brazil/EAST' }],
    ['a zone that IANA dropped', 'expected an IANA time zone as it is written', { timeZone: 'SystemV/PST8PDT' }],
    ['UTC in the wrong case', 'expected an IANA time zone as it is written there', { timeZone: 'ETC/UTC' }],
    ['an offset for a zone', 'digest 1: timeZone: expected an IANA time zone', { timeZone: '+01:00' }],
    ['an address with a name', 'digest 1: recipients: expected plain email addresses', { recipients: ['Al <a@b.de>'] }],
    ['nobody to tell', 'digest 1: recipients: expected an array of 1 to 50', { recipients: [] }],
    ['half an upload', 'digest 1: minimumUploads: expected a whole number', { minimumUploads: 0.5 }],
    ['a name with a space', 'digest 1: name: expected 1 to 64 letters', { name: 'the daily' }],
    ['a setting that is none', 'digest 1: "subject": expected no such field', { subject: 'Hello' }],
  ])('refuse a digest with %s', (_, fault, wrong) => {
    expect(errors({ emailSender, digests: [{ ...digest, ...wrong }] }).join()).toContain(fault);
  });

  it.each([
    'UTC',
    'Europe/Berlin',
    'Asia/Calcutta',
    'Asia/Kolkata',
    'US/Eastern',
    'EST5EDT',
    'Etc/GMT+5',
    'Europe/Kyiv',
    'GB-Eire',
    'Brazil/East',
    'Zulu',
  ])('take the zone %s for a digest', (timeZone) =>
    expect(errors({ emailSender, digests: [{ ...digest, timeZone }] })).toEqual([]),
  );

  it('refuse what is not a list of objects', () => {
    for (const wrong of ['daily', '{}', 7, null, '[1]', '[null]']) {
      expect(errors({ emailSender, digests: wrong }).join(), String(wrong)).toContain('must be a list of digests');
    }
  });

  it('refuse an alert without a condition, with a category or a zone that does not exist', () => {
    const wrong = [
      { name: 'a', recipients },
      { name: 'b', recipients, category: 'pdf' },
      { name: 'c', recipients, prefix: 'x', timeZone: 'CET/Nowhere' },
    ];
    const [fault = ''] = errors({ emailSender, alerts: wrong });
    expect(fault).toContain('rule 1: expected one of prefix');
    expect(fault).toContain('rule 2: category: expected image');
    expect(fault).toContain('rule 3: timeZone: expected an IANA time zone');
  });

  it('refuse a name that is used twice', () => {
    expect(errors({ emailSender, digests: [digest, digest] }).join()).toContain('got "daily" twice');
    expect(errors({ emailSender, alerts: [alert, alert] }).join()).toContain('got "large" twice');
  });

  it('report everything that is wrong at once, and shorten a long list', () => {
    const many = Array.from({ length: 9 }, (_, at) => ({ ...digest, name: `d${at}`, schedule: 'x' }));
    const found = errors({ emailSender: 'x', digests: many, alerts: 'x', batchSize: 0 });
    expect(found.map((fault) => fault.split(':')[0]).sort()).toEqual(['alerts', 'batchSize', 'digests', 'emailSender']);
    expect(found.find((fault) => fault.startsWith('digests'))).toMatch(/digest 5: .*; 4 more$/);
  });

  it('need a sender, and something to send', () => {
    expect(errors({ digests: [digest] }).join()).toContain('digests: needs emailSender');
    expect(errors({ alerts: [alert] }).join()).toContain('alerts: needs emailSender');
    expect(errors({ emailSender }).join()).toContain('emailSender: needs digests or alerts');
  });

  it('refuse an alert about deletes where no event tells of one', () => {
    const alerts = [{ name: 'deletes', recipients, status: 'deleted' }];
    expect(errors({ emailSender, alerts })).toEqual([]);
    expect(errors({ emailSender, alerts, events: 'LifecycleExpiration:*' })).toEqual([]);
    expect(errors({ emailSender, alerts, events: 'ObjectCreated:*' })).toEqual([
      'alerts: must not ask for deletes when events include none: add ObjectRemoved:*',
    ]);
  });

  it('need one alert email a minute for each alert', () => {
    const alerts = ['a', 'b', 'c'].map((name) => ({ ...alert, name }));
    expect(errors({ emailSender, alerts, alertsPerMinute: 3 })).toEqual([]);
    expect(errors({ emailSender, alerts, alertsPerMinute: 2 })).toEqual([
      'alertsPerMinute: must be at least the number of alerts (3): one email a minute is reserved for each',
    ]);
  });
});

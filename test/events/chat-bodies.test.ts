import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ALERT_MENTIONS } from '../../src/contract/alert-message.ts';
import { chatNotification, slackBody, teamsBody } from '../../src/events/chat-bodies.ts';
import { type LedgerEvent, toAlertEvent, toDigestEvent, toRecordEvent } from '../../src/events/event.ts';
import { toLedgerRecord } from '../../src/ledger/record.ts';
import { SEED, uploads } from '../builders/arbitraries.ts';
import { upload } from '../builders/upload.ts';

const ATTACKS = [
  'in/"quoted" and \\back.txt',
  '<!channel> <!here> <@U024BE7LH>.txt',
  '@here @channel @everyone.txt',
  '<https://evil.example|click me>',
  'https://evil.example/a.txt',
  '[click](https://evil.example) *bold* _it_ ~no~ `code`',
  '<at>everyone</at>&amp;&lt;b&gt;',
  'a\r\nb\n\nFrom: boss',
  'invoice\u202egpj.exe',
  '\u0000\u001b[31m\ud800\udfff',
  ':smile: \u{1f389} e\u0301',
  // A date that a card would show in the reader's zone.
  '{{DATE(2017-02-13T20:46:30Z, SHORT)}} {{TIME(2017-02-13T20:46:30Z)}}',
  '$' + '{1+1} @{1} {{x}}',
  // Each of them is an entity for Slack.
  '&'.repeat(1_000),
  '<>'.repeat(500),
] as const;

const settings = { indexShards: 8, source: 'notification' } as const;

function recordEvent(key: string): LedgerEvent {
  return toRecordEvent(toLedgerRecord(upload({ key, filename: key, uploader: key.slice(0, 200) }), settings));
}

/** Untrusted texts, also in alerts and with hostile keys of any length. */
const events: fc.Arbitrary<LedgerEvent> = fc.oneof(
  uploads().map((one) => toRecordEvent(toLedgerRecord(one, settings))),
  fc.constantFrom(...ATTACKS).map(recordEvent),
  fc
    .array(fc.constantFrom(...ATTACKS), { minLength: 1, maxLength: 40 })
    .map((parts) => recordEvent(parts.join('').slice(0, 500))),
  fc.array(fc.constantFrom(...ATTACKS, 'k'.repeat(1024)), { minLength: 1, maxLength: MAX_ALERT_MENTIONS }).map((keys) =>
    toAlertEvent({
      id: 'a1',
      rule: { name: 'large' },
      count: 1_000_000,
      bytes: 2 ** 50,
      buckets: ['b'],
      mentions: keys.map((key) => ({
        bucket: 'uploads',
        key,
        filesize: 5,
        timestamp: '2026-11-22T10:15:30.000Z',
        uploadId: '1',
      })),
    }),
  ),
);

/** Every text in a value, with the path to it. */
function texts(value: unknown, path = ''): (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => texts(part, `${path}/${name}`));
}

const HIDDEN = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\u200b\u2028\u2029]/u;

function everyEvent(check: (event: LedgerEvent) => void): void {
  fc.assert(fc.property(events, check), { seed: SEED, numRuns: 300 });
}

describe('the body for Slack', () => {
  it('has untrusted text in blocks of plain text only, which Slack reads no mentions, links or formats in', () => {
    everyEvent((event) => {
      const body = slackBody(event);
      expect(body).toMatchObject({ parse: 'none', link_names: false, mrkdwn: false, unfurl_links: false });
      expect(body.text).toBe(event.detail.summary);
      expect(body.text).toMatch(/^[^<>&*~`"\\@\n]+$/);
      for (const block of body.blocks) {
        expect(Object.keys(block)).toEqual(['type', 'text']);
        expect(block.text).toEqual({ type: 'plain_text', text: expect.any(String), emoji: false });
      }
    });
  });

  it('keeps the limits of its texts, and breaks lines only between its own', () => {
    everyEvent((event) => {
      const [title, lines] = slackBody(event).blocks;
      for (const block of [title, lines]) {
        expect(block?.text.text.length).toBeGreaterThan(0);
        // Also if Slack counts what it escapes.
        const escaped = block?.text.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        expect(escaped?.length).toBeLessThanOrEqual(3_000);
      }
      for (const line of lines?.text.text.split('\n') ?? []) {
        expect(line).toMatch(/^[A-Z][\w ]+: ./);
        expect(line).not.toMatch(HIDDEN);
      }
    });
  });
});

describe('the body for Teams', () => {
  it('has untrusted text in runs only, which a card reads no Markdown in', () => {
    everyEvent((event) => {
      const [attachment] = teamsBody(event).attachments;
      const body = attachment?.content.body ?? [];
      expect(new Set(body.map(({ type }) => type))).toEqual(new Set(['RichTextBlock']));
      const runs = body.flatMap(({ inlines }) => inlines);
      for (const run of runs) {
        expect(run.type).toBe('TextRun');
        expect(run.text).not.toMatch(HIDDEN);
        expect(run.text).not.toMatch(/\{\{(DATE|TIME)/);
      }
      // Mentions need entities of the card, and links need actions.
      expect(Object.keys(attachment?.content ?? {})).toEqual(['$schema', 'type', 'version', 'body']);
    });
  });

  it('is below the 28 KB that a workflow takes, as Teams counts them: in UTF-16', () => {
    everyEvent((event) => {
      expect(JSON.stringify(teamsBody(event)).length * 2).toBeLessThan(28 * 1024);
    });
  });
});

describe('the notification for Amazon Q Developer in chat applications', () => {
  it('has the form of a custom notification, for alerts alone', () => {
    const mention = { bucket: 'uploads', filesize: 5, timestamp: '2026-11-22T10:15:30.000Z', uploadId: '1' };
    const mentions = [{ ...mention, key: 'in/*big*_<!channel>.zip' }];
    const alert = { id: 'a1', rule: { name: 'large' }, count: 3, bytes: 5_000, buckets: ['uploads'], mentions };
    const event = toAlertEvent(alert);
    expect(chatNotification(event)).toEqual({
      version: '1.0',
      source: 'custom',
      id: 'a1',
      content: {
        textType: 'client-markdown',
        title: 'Alert large',
        description: `${event.detail.summary}\nRule: large\nMatches: 3\nSize: 5.0 kB\nObject: uploads/in/-big-channel-.zip\nMore: 2`,
      },
      metadata: { summary: event.detail.summary, eventType: 'AlertRaised', enableCustomActions: false },
    });
    expect(chatNotification(recordEvent('a'))).toBeUndefined();
  });

  it('has no character that marks text up, mentions people or begins a link', () => {
    everyEvent((event) => {
      const { content } = chatNotification(event) ?? {};
      for (const line of [content?.title ?? '', ...(content?.description.split('\n') ?? [])]) {
        expect(line.replace(/^[A-Z]\w+: /, '')).not.toMatch(/[<>&*~`"'\\@#[\]|!:{}]/);
        expect(line).not.toMatch(HIDDEN);
        expect(line).not.toMatch(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u);
      }
    });
  });
});

describe('both bodies', () => {
  it.each(ATTACKS)('show the key %j as text', (key) => {
    const event = recordEvent(key);
    for (const body of [slackBody(event), teamsBody(event)]) {
      const text = texts(JSON.parse(JSON.stringify(body)))
        .map(([, one]) => one)
        .join('\n');
      const words = key.match(/[a-z]{2,}/gi) ?? [];
      for (const word of words) expect(text).toContain(word);
    }
  });

  it('say who uploaded what, where, when and how big it is', () => {
    const body = slackBody(toRecordEvent(toLedgerRecord(upload({ uploader: 'alice' }), settings)));
    expect(body.blocks.map(({ text }) => text.text)).toMatchInlineSnapshot(`
      [
        "Uploaded cat.jpg to the bucket acme-uploads by alice.",
        "Key: photos/cat.jpg
      Bucket: acme-uploads
      Uploader: alice
      Time: 2026-11-22T10:15:30.123Z
      Event: ObjectCreated:Put",
      ]
    `);
  });

  it('say what an alert is about, and how many more there are', () => {
    const mention = { bucket: 'uploads', filesize: 5, timestamp: '2026-11-22T10:15:30.000Z', uploadId: '1' };
    const mentions = Array.from({ length: 12 }, (_, index) => ({ ...mention, key: `in/${index}.zip` }));
    const alert = { id: 'a1', rule: { name: 'large' }, count: 30, bytes: 5_000, buckets: ['uploads'], mentions };
    const [, lines] = slackBody(toAlertEvent(alert)).blocks;
    expect(lines?.text.text.split('\n')).toEqual([
      'Rule: large',
      'Matches: 30',
      'Size: 5.0 kB',
      ...Array.from({ length: 10 }, (_, index) => `Object: uploads/in/${index}.zip`),
      'More: 20',
    ]);
  });

  it('say what a digest counted', () => {
    const totals = {
      uploads: 3,
      bytes: 10,
      deletes: 1,
      versions_deleted: 0,
      restores: 0,
      messages_failed: 2,
      messages_quarantined: 0,
      alerts_held_back: 0,
    };
    const window = { from: '2026-11-22T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
    const [, lines] = slackBody(toDigestEvent({ name: 'daily', ...window, totals })).blocks;
    expect(lines?.text.text).toContain('Digest: daily\nFrom: 2026-11-22T00:00:00.000Z\nTo: 2026-11-23T00:00:00.000Z\n');
    expect(lines?.text.text).toContain('Uploads: 3\nSize: 10 B\nDeletes: 1\nMessages that failed: 2');
  });
});

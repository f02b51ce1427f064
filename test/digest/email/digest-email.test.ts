import { describe, expect, it } from 'vitest';
import { type Digest, renderDigest as render } from '../../../src/digest/email/digest-email.ts';
import type { BatchSummary, Totals } from '../../../src/digest/summary/batch-summary.ts';
import { LEDGER, LOCAL_LEDGER } from '../../builders/email-settings.ts';
import { digest, mention, richDigest, summary } from './email-samples.ts';
import { htmlElements, htmlLines, words } from './read-email.ts';

const renderDigest = (parts: Digest, ledger = LEDGER) => render(parts, ledger);

const uploads = { count: 412, bytes: 3_102_334_881 };
const byBucket = new Map([['my-bucket', uploads]]);

function subjectOf(parts: Partial<BatchSummary>, until = '2026-11-22T10:15:00.000Z'): string {
  return renderDigest(digest({ until, summary: summary(parts) }), LOCAL_LEDGER).subject;
}

/** What both parts say below a heading, up to the next one. */
function sectionOf(email: { readonly html: string }, title: string): string[] {
  const titles = [
    'Totals',
    'Alerts not sent, by rule',
    'By category',
    'Buckets',
    'Top uploaders',
    'Largest files',
    'Newest files',
    'Files',
  ];
  const lines = htmlLines(email.html);
  const rest = lines.slice(lines.indexOf(title) + 1);
  const end = rest.findIndex((line) => titles.includes(line) || line.startsWith('Sent by'));
  return rest.slice(0, end);
}

describe("a digest's subject", () => {
  it('says what happened, in what time and where', () => {
    expect(subjectOf({ uploads, byBucket })).toBe('412 uploads, 3.1 GB in 15 min: my-bucket');
  });

  it('ends with the stack, so that two stacks with the same digest can be told apart', () => {
    const { subject } = renderDigest(digest({ summary: summary({ uploads, byBucket }) }));
    expect(subject).toBe('412 uploads, 3.1 GB in 15 min: my-bucket [AcmeMedia]');
  });

  it('names the busiest bucket of several', () => {
    const several = new Map([...byBucket, ['quiet', { count: 1, bytes: 1 }], ['busy', { count: 900, bytes: 1 }]]);
    expect(subjectOf({ uploads, byBucket: several })).toBe('412 uploads, 3.1 GB in 15 min: busy and 2 others');
  });

  it('says that messages were moved to the dead-letter queue', () => {
    expect(subjectOf({ uploads, byBucket, quarantined: 2 })).toContain(
      '3.1 GB, 2 messages moved to the dead-letter queue in 15 min',
    );
  });

  it('says what happened instead of uploads', () => {
    expect(subjectOf({ deletes: 12, restores: 1 })).toBe('12 objects deleted, 1 restore in 15 min');
    expect(subjectOf({ failed: 1 })).toBe('1 failed try in 15 min');
    expect(subjectOf({ failed: 2 })).toBe('2 failed tries in 15 min');
    expect(subjectOf({ heldBack: new Map([['invoices', { count: 1 }]]) })).toBe('No uploads in 15 min');
    expect(subjectOf({ deletes: 1, versionsDeleted: 1 })).toBe('1 object deleted, 1 version deleted in 15 min');
    expect(subjectOf({ versionsDeleted: 7 })).toBe('7 versions deleted in 15 min');
  });

  it('ignores the seconds by which a tick was late', () => {
    expect(subjectOf({ uploads }, '2026-11-22T10:15:04.900Z')).toBe('412 uploads, 3.1 GB in 15 min');
    expect(subjectOf({ uploads }, '2026-11-22T10:01:04.900Z')).toBe('412 uploads, 3.1 GB in 1 min');
    expect(subjectOf({ uploads }, '2026-11-23T10:00:00.000Z')).toBe('412 uploads, 3.1 GB in 24 h');
    expect(subjectOf({ uploads }, '2026-11-22T10:00:20.000Z')).toBe('412 uploads, 3.1 GB in 20.0 s');
  });
});

describe('the two parts of a digest', () => {
  it('say the same, word for word', () => {
    const { text, html } = renderDigest(richDigest());
    expect(words(htmlLines(html).join('\n'))).toEqual(words(text));
    expect(words(text).length).toBeGreaterThan(150);
  });

  it.each([
    ['the totals, exact to the byte', ['412', '3.1 GB', '3,102,334,881']],
    ['deletes, restores and the greatest delay', ['Objects deleted', 'Restores', 'Greatest delay', '4.2 s']],
    ['what each category, uploader and file adds', ['301 uploads, 702.1 MB', '188 uploads, 480.1 MB', 'alice']],
    ['who sent which file, when and how large', ['1.5 GB, 22 Nov 2026, 11:03:41 CET, by render-farm']],
    ['when', ['22 Nov 2026, 11:00:00 to 11:15:00 CET']],
    [
      'what failed, and what to do',
      [
        '2 messages moved to the dead-letter queue',
        'upload-ledger dlq list --stack AcmeMedia --region eu-central-1',
        '5 failed tries',
        'upload-ledger dlq redrive --stack AcmeMedia --region eu-central-1',
      ],
    ],
    ['alerts that were held back', ['4 alerts not sent', 'alertsPerMinute']],
    [
      'whose alerts were held back',
      ['everything', '3, such as for in/a.txt', 'invoices', '1, such as for invoices/1.pdf'],
    ],
    ['deleted versions apart from deleted objects', ['Objects deleted', 'Versions deleted']],
    ['which ledger it is', ['Stack AcmeMedia, account 111122223333, eu-central-1']],
    ['where to look further', ['Look further: https://ledger.acme.example/?view=search&last=24h']],
    ['how it was in the period before', ['Uploads +12 %, size -3 % against the 15 min before']],
    ['which digest it is, and of how many batches', ['Digest team-media', 'made of 17 batches']],
  ])('both say %s', (_, facts) => {
    const { text, html } = renderDigest(richDigest());
    const seen = htmlLines(html).join('\n');
    for (const fact of facts) {
      expect(text).toContain(fact);
      expect(seen).toContain(fact);
    }
  });

  it('leave out sections and lines with nothing in them', () => {
    const { text, html } = renderDigest(digest({ summary: summary({ deletes: 1 }) }));
    expect(htmlLines(html)).not.toContain('Largest files');
    expect(text).not.toContain('Largest files');
    expect(text).not.toContain('By category');
    expect(text).toMatch(/^Totals\n-+\nObjects deleted {2}1\n\n/m);
    expect(text).not.toContain('!');
  });

  it('count deleted objects and deleted versions apart', () => {
    const { text } = renderDigest(digest({ summary: summary({ deletes: 3, versionsDeleted: 12 }) }));
    expect(text).toMatch(/^Objects deleted +3$/m);
    expect(text).toMatch(/^Versions deleted +12$/m);
  });

  it('name no rule when an earlier version of the function has held alerts back', () => {
    const { text } = renderDigest(digest({ summary: summary({ heldBack: new Map([['(unknown)', { count: 2 }]]) }) }));
    expect(text).toContain('! 2 alerts not sent\n');
    expect(text).toMatch(/^\(unknown\) +2$/m);
  });

  it('name the rule with most held-back alerts first, and show the key of an example as it can be trusted', () => {
    const heldBack = new Map([
      ['few', { count: 1, example: 'a\r\nBcc: b' }],
      ['many', { count: 9, example: '\u202egpj.exe' }],
    ]);
    const lines = sectionOf(renderDigest(digest({ summary: summary({ heldBack }) })), 'Alerts not sent, by rule');
    expect(lines.filter((_, at) => at % 2 === 0)).toEqual(['many', 'few']);
    expect(lines.join('\n')).not.toMatch(/[\r\u202e]/);
  });

  it('have commands for the local stack where that has sent the digest', () => {
    const { text } = renderDigest(richDigest(), LOCAL_LEDGER);
    expect(text).toContain('\nThe local stack\n');
    expect(text).toContain('\n  upload-ledger dlq list --local\n');
    expect(text).not.toContain('http');
  });

  it('list the files once when the largest are the newest too', () => {
    const [small, large] = [mention({ key: 'small', filesize: 1 }), mention({ key: 'large', filesize: 9 })];
    const few = { largest: [large, small], latest: [small, large] };
    const email = renderDigest(digest({ summary: summary(few) }));
    expect(sectionOf(email, 'Files').filter((_, at) => at % 2 === 0)).toEqual(['large', 'small']);
    expect(htmlLines(email.html)).not.toContain('Newest files');
    const more = renderDigest(digest({ summary: summary({ ...few, latest: [small, mention({ key: 'x' })] }) }));
    expect(htmlLines(more.html)).toContain('Newest files');
  });

  it('use the singular for one failed try and one batch', () => {
    const { text } = renderDigest(digest({ batches: 1, summary: summary({ failed: 1 }) }));
    expect(text).toContain('! 1 failed try\n');
    expect(text).toContain('made of 1 batch;');
  });
});

describe('the groups of a digest', () => {
  const one = { count: 1, bytes: 1_000 };
  const several = new Map([
    ['a', one],
    ['b', one],
  ]);

  it('show an uploader with the name of a group differently from the group', () => {
    const byUploader = new Map([
      ['(unknown)', one],
      ['(other)', one],
      ['\\(unknown)', one],
      ['\\(other)', one],
      ['\\\\(other)', one],
      ['(all others)', one],
      ['"(unknown)"', one],
      ['', one],
    ]);
    const lines = sectionOf(renderDigest(digest({ summary: summary({ byUploader }) })), 'Top uploaders');
    const names = lines.filter((line, at) => at % 2 === 0 && !line.startsWith('Each batch'));
    expect(new Set(names)).toEqual(
      new Set([
        '(unknown)',
        '(all others)',
        '"(unknown)"',
        '"(other)"',
        '\\(other)',
        '"(all others)"',
        '""(unknown)""',
        '""',
      ]),
    );
  });

  it('name the ten busiest and add up the rest', () => {
    const byUploader = new Map(
      Array.from({ length: 300 }, (_, at) => [`user-${at}`, { count: at + 1, bytes: 1_000 }] as const),
    );
    const lines = sectionOf(renderDigest(digest({ summary: summary({ byUploader }) })), 'Top uploaders');
    expect(lines.slice(0, 2)).toEqual(['user-299', '300 uploads, 1.0 kB']);
    expect(lines.slice(-2)).toEqual(['(all others)', '42,195 uploads, 290.0 kB']);
    expect(lines).toHaveLength(22);
  });

  it('are ordered by uploads, then by bytes, then by name, whatever the order of the batches', () => {
    const inOrder: readonly (readonly [string, Totals])[] = [
      ['z', { count: 3, bytes: 1 }],
      ['y', { count: 2, bytes: 9 }],
      ['b', { count: 2, bytes: 5 }],
      ['c', { count: 2, bytes: 5 }],
      ['a', { count: 1, bytes: 9 }],
    ];
    for (const groups of [inOrder, inOrder.toReversed()]) {
      const email = renderDigest(digest({ summary: summary({ byUploader: new Map(groups) }) }));
      expect(sectionOf(email, 'Top uploaders').filter((_, at) => at % 2 === 0)).toEqual(['z', 'y', 'b', 'c', 'a']);
    }
  });

  it('have a visible bar each, however few uploads they have', () => {
    const byUploader = new Map([
      ['alice', { count: 1_000, bytes: 1 }],
      ['bob', one],
    ]);
    const { text, html } = renderDigest(digest({ summary: summary({ byUploader }) }));
    const widths = htmlElements(html).filter(({ attributes }) => attributes.get('class') === 'bar');
    expect(widths.map(({ attributes }) => attributes.get('width'))).toEqual(['100%', '1%']);
    expect(text).toMatch(/^█░{9} .* bob$/m);
  });

  it('say that a name may have more than its line, where batches have added up others', () => {
    const noted = renderDigest(digest({ summary: summary({ byUploader: new Map([['(other)', one]]) }) }));
    const plain = renderDigest(digest({ summary: summary({ byUploader: new Map([['alice', one]]) }) }));
    expect(noted.text).toContain('20 busiest uploaders');
    expect(plain.text).not.toContain('20 busiest');
    const byBucket = new Map([...several, ['(other)', one]]);
    expect(renderDigest(digest({ summary: summary({ byBucket }) })).text).toContain('20 busiest buckets');
  });

  it('name each file’s bucket when there are several', () => {
    const largest = [mention({ bucket: 'b' })];
    const email = renderDigest(digest({ summary: summary({ byBucket: several, largest }) }));
    expect(sectionOf(email, 'Largest files')[1]).toBe('1.2 MB, 22 Nov 2026, 11:12:09 CET, in b, by alice');
    expect(sectionOf(email, 'Buckets')).toContain('a');
    expect(sectionOf(email, 'Totals')).not.toContain('Bucket');
  });
});

describe('the period before', () => {
  const change = (now: Totals, before?: Totals) => {
    const { text } = renderDigest(digest({ summary: summary({ uploads: now }), ...(before && { before }) }));
    return text.split('\n')[1];
  };

  it.each([
    [
      'more',
      { count: 13, bytes: 400 },
      { count: 10, bytes: 100 },
      'Uploads +30 %, size +300 % against the 15 min before',
    ],
    ['less', { count: 5, bytes: 99 }, { count: 10, bytes: 100 }, 'Uploads -50 %, size -1 % against the 15 min before'],
    ['as much', { count: 10, bytes: 7 }, { count: 10, bytes: 7 }, 'Uploads ±0 %, size ±0 % against the 15 min before'],
    ['empty files', { count: 2, bytes: 5 }, { count: 1, bytes: 0 }, 'Uploads +100 % against the 15 min before'],
    ['nothing before', { count: 2, bytes: 5 }, { count: 0, bytes: 0 }, 'No uploads in the 15 min before'],
    ['nothing now', { count: 0, bytes: 0 }, { count: 3, bytes: 5 }, '3 uploads, 5 B in the 15 min before'],
  ])('is compared with: %s', (_, now, before, line) => {
    expect(change(now, before)).toBe(line);
  });

  it('is not mentioned when nothing is known of it', () => {
    expect(change({ count: 2, bytes: 5 })).toBe('Digest team-media');
  });
});

describe('the HTML of a digest', () => {
  it('fetches nothing and runs nothing: no images, scripts or forms, and no links but that of the settings', () => {
    const { consoleUrl, ...unlinked } = LEDGER;
    const links = htmlElements(renderDigest(richDigest()).html).filter(({ name }) => name === 'a');
    expect(links.map(({ attributes }) => attributes.get('href'))).toEqual([consoleUrl]);
    const { html } = renderDigest(richDigest(), unlinked);
    const elements = htmlElements(html);
    const allowed = 'html head meta title style body table tbody tr td h1 h2 p strong br';
    expect(new Set(elements.map(({ name }) => name))).toEqual(new Set(allowed.split(' ')));
    const attributes = new Set(elements.flatMap(({ attributes }) => [...attributes.keys()]));
    for (const name of ['src', 'href', 'background', 'srcset', 'onload']) expect(attributes).not.toContain(name);
    expect(html).not.toMatch(/url\(|@import|https?:/);
  });

  it('gives each text a colour of its own, and each class a dark one', () => {
    const { html } = renderDigest(richDigest());
    for (const { name, attributes } of htmlElements(html)) {
      if (['p', 'h1', 'h2'].includes(name)) expect(attributes.get('style')).toMatch(/(^|;)color:#/);
      if (attributes.get('style')?.match(/(^|;)color:/)) expect(attributes.get('class')).toMatch(/strong|quiet|link/);
    }
  });

  it('stays below the 102 kB at which Gmail cuts emails, whatever is in it', () => {
    // Each unit of these is six bytes in HTML, or three in UTF-8.
    const worst = (length: number) => '"'.repeat(length);
    const groups = (prefix: string) =>
      new Map(Array.from({ length: 400 }, (_, at) => [`${prefix}${at}${worst(500)}`, { count: 1, bytes: 2 ** 52 }]));
    const mentions = Array.from({ length: 5 }, () =>
      mention({ key: worst(1024), uploader: worst(1024), bucket: worst(63), filesize: 2 ** 52 }),
    );
    const email = renderDigest({
      ...richDigest(),
      summary: {
        ...richDigest().summary,
        byBucket: groups('b'),
        byUploader: groups('u'),
        largest: mentions,
        latest: mentions,
      },
    });
    expect(Buffer.byteLength(email.html)).toBeLessThan(102_000);
  });
});

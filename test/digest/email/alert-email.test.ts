import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../src/digest/alerts/alert-rules.ts';
import { renderAlert as render } from '../../../src/digest/email/alert-email.ts';
import { LEDGER } from '../../builders/email-settings.ts';
import { alert, heldBackAlert, mention, richAlert } from './email-samples.ts';
import { htmlLines, words } from './read-email.ts';

const renderAlert = (parts: Alert, ledger = LEDGER) => render(parts, ledger);

const rule = alert().rule;
const RULE_OF_DELETES = { name: 'deletes', recipients: ['a@example.com'], timeZone: 'UTC', status: 'deleted' } as const;

describe("an alert's subject", () => {
  it('names the file when there is one', () => {
    expect(renderAlert(alert()).subject).toBe('Alert large-videos: photos/cat.jpg, 1.2 MB: acme-uploads [AcmeMedia]');
  });

  it('counts the files when there are several', () => {
    const several = alert({ count: 3, bytes: 4_200_000_000, mentions: [mention(), mention({ key: 'b' }), mention()] });
    expect(renderAlert(several).subject).toBe('Alert large-videos: 3 uploads, 4.2 GB: acme-uploads [AcmeMedia]');
  });

  it('shows a key with line breaks as one line', () => {
    const untrusted = alert({ mentions: [mention({ key: 'a\r\nBcc: all@example.com' })] });
    expect(renderAlert(untrusted).subject).toContain('a\\x0d\\x0aBcc: all@example.com');
  });
});

describe('an alert about what was held back', () => {
  const heldBack = { ...heldBackAlert(), mentions: [mention()] };

  it('says in its subject how many there are, and since when in the time zone of the rule', () => {
    const berlin = { ...rule, timeZone: 'Europe/Berlin' };
    expect(renderAlert({ ...heldBack, rule: berlin }).subject).toBe(
      'Alert large-videos: 1,204 more uploads since 22 Nov 2026, 11:12:00 CET [AcmeMedia]',
    );
    expect(renderAlert({ ...heldBack, rule: RULE_OF_DELETES, count: 1 }).subject).toBe(
      'Alert deletes: 1 more delete since 22 Nov 2026, 10:12:00 UTC [AcmeMedia]',
    );
  });

  it('names one of them with its bucket, and says no size and no bucket of all, which nobody has counted', () => {
    const { text, html } = renderAlert(heldBack);
    expect(words(htmlLines(html).join('\n'))).toEqual(words(text));
    expect(text).toMatch(/^Uploads +1,204$/m);
    expect(text).toContain('1.2 MB, 22 Nov 2026, 10:12:09 UTC, in acme-uploads, by alice');
    expect(text).toContain('1,203 other matches not listed.');
    expect(text).not.toMatch(/^(Bucket|Size|Bytes) /m);
  });
});

describe('an alert about deletes', () => {
  const deletes = alert({ rule: { ...RULE_OF_DELETES }, count: 3, bytes: 0, mentions: [mention({ filesize: 0 })] });

  it('says deletes in its subject, and the key of a single one', () => {
    expect(renderAlert(deletes).subject).toBe('Alert deletes: 3 deletes: acme-uploads [AcmeMedia]');
    expect(renderAlert({ ...deletes, count: 1 }).subject).toBe(
      'Alert deletes: deleted photos/cat.jpg: acme-uploads [AcmeMedia]',
    );
  });

  it('says the same in both parts, and nothing of sizes', () => {
    const { text, html } = renderAlert(deletes);
    expect(words(htmlLines(html).join('\n'))).toEqual(words(text));
    expect(text).toMatch(/^Deletes +3$/m);
    expect(text).toMatch(/^Status +deleted$/m);
    expect(text).toContain('photos/cat.jpg\n  22 Nov 2026, 10:12:09 UTC, by alice');
    expect(text).not.toMatch(/Uploads|Size|Bytes|\d uploads?\b|\d B\b/);
  });
});

describe('the two parts of an alert', () => {
  it('say the same, word for word', () => {
    const { text, html } = renderAlert(richAlert());
    expect(words(htmlLines(html).join('\n'))).toEqual(words(text));
  });

  it('say which uploads matched what, and how many are not listed', () => {
    const { text } = renderAlert(richAlert());
    expect(text).toContain('1.5 GB, 22 Nov 2026, 05:12:09 GMT-5, in acme-uploads, by render-farm');
    expect(text).toMatch(/^Key starts with +campaigns\/$/m);
    expect(text).toMatch(/^Category +video$/m);
    expect(text).toMatch(/^At least +500,000,000 bytes$/m);
    expect(text).toContain('9 later matches not listed.');
    expect(text).toMatch(/^Size +9\.2 GB \(9,204,118,222 bytes\)$/m);
    expect(text).toContain(
      '\nStack AcmeMedia, account 111122223333, eu-central-1\nLook further: https://ledger.acme.example/',
    );
  });

  it('name every condition of the alert', () => {
    const conditions = { prefix: ' in/', suffix: '.mov', category: 'video', uploader: '(other)', minimumBytes: 1_000 };
    const { text } = renderAlert(alert({ rule: { ...rule, ...conditions } }));
    expect(
      text.slice(text.indexOf('Conditions of the alert'), text.indexOf('\n\nSent by')).split('\n').slice(2),
    ).toEqual([
      'Key starts with  " in/"',
      'Key ends with    .mov',
      'Category         video',
      'Uploader         "(other)"',
      'At least         1,000 bytes',
    ]);
  });

  it('name the bucket of all matches once, and do not count unlisted matches when all are listed', () => {
    const { text } = renderAlert(alert());
    expect(text).toMatch(/^Bucket +acme-uploads$/m);
    expect(text).toContain('1.2 MB, 22 Nov 2026, 10:12:09 UTC, by alice');
    expect(text).not.toContain('not listed');
  });

  it('use the singular for one match that is not listed', () => {
    expect(renderAlert(alert({ count: 2 })).text).toContain('\n1 later match not listed.\n');
  });

  it('say so when the alert asks for everything', () => {
    const { name, recipients, timeZone } = rule;
    const everything = alert({ rule: { name, recipients, timeZone, everything: true } });
    expect(renderAlert(everything).text).toMatch(/Conditions of the alert\n-+\nUploads {2}all$/m);
  });
});

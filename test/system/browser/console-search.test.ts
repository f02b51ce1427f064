import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ConsoleServer, startConsole } from '../../../src/console/server/console-server.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/shared/time.ts';
import { MemoryLedger } from '../../console/memory-ledger.ts';
import { uploadAt } from '../../console/records.ts';
import { sourceOf } from '../../console/test-source.ts';
import { accessibilityViolations } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { openWatchedPage } from './watched-page.ts';

const LONG_NAME = `${'final-report-'.repeat(12)}legal.docx`;

describeInBrowser('the search of the console', () => {
  let server: ConsoleServer;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  const now = Date.now();

  beforeAll(async () => {
    server = await startConsole({
      source: sourceOf({ reader: ledgerOfTwoBuckets(now), checkHealth }),
      explain: String,
    });
    browser = await launchBrowser();
    ({ page, problems } = await openWatchedPage(browser));
    await page.goto(server.link);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  beforeEach(async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(`${server.url}/search`);
    await page.getByText('in the last 30 days').waitFor();
  });

  const keys = () => page.locator('.records tbody .key').evaluateAll((all) => all.map((one) => one.ariaLabel));
  const search = () => page.getByRole('button', { name: 'Search' }).click();

  it('tells two buckets apart in a column, and filters by one', async () => {
    expect(await page.getByRole('columnheader', { name: 'Bucket' }).isVisible()).toBe(true);
    await page.getByRole('link', { name: 'archive-bucket' }).first().click();
    await page.getByText('1 record in the last 30 days').waitFor();
    expect(new URL(page.url()).searchParams.get('bucket')).toBe('archive-bucket');
    expect(await page.getByLabel('Bucket').inputValue()).toBe('archive-bucket');
    expect(await keys()).toEqual(['report.pdf']);
  });

  it('shows no column for buckets while all records are of the own one', async () => {
    await page.getByLabel('Bucket').fill('uploads-bucket');
    await search();
    await page.getByText('4 records in the last 30 days').waitFor();
    expect(await page.getByRole('columnheader', { name: 'Bucket' }).isVisible()).toBe(false);
  });

  it('finds what a key contains, and says how many records were read for it', async () => {
    await page.getByLabel('Key contains').fill('eport.');
    await search();
    await page.getByText('2 records in the last 30 days. Set From to look further back. 5 records read.').waitFor();
    expect(await keys()).toEqual(['report.pdf', 'report.pdf']);
  });

  it.each([
    ['15m', 1],
    ['1h', 3],
    ['24h', 5],
  ])('searches the last %s with one click, kept in the address', async (range, count) => {
    await page.getByLabel('From (UTC)').fill('2020-01-01T00:00');
    await page.getByRole('button', { name: range, exact: true }).click();
    await page
      .getByText(count === 1 ? '1 record; there are no more.' : `${count} records; there are no more.`)
      .waitFor();
    expect(new URL(page.url()).search).toBe(`?last=${range}`);
    expect(await page.getByRole('button', { name: range, exact: true }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: range, exact: true }).click();
    await page.getByText('5 records in the last 30 days').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  it('keeps a quick range when another field is changed with Enter', async () => {
    await page.getByRole('button', { name: '1h', exact: true }).click();
    await page.getByText('3 records; there are no more.').waitFor();
    await page.getByLabel('Key begins with').fill('report');
    await page.getByLabel('Key begins with').press('Enter');
    await page.getByText('2 records; there are no more.').waitFor();
    expect(new URL(page.url()).search).toBe('?prefix=report&last=1h');
  });

  it('says what is wrong with a range that ends before it begins, and with one that is none', async () => {
    await page.getByLabel('From (UTC)').fill('2026-11-22T10:00');
    await page.getByLabel('Until (UTC)').fill('2026-11-21T10:00');
    await search();
    await page.getByText('Expected From (2026-11-22T10:00:00.000Z) to be before Until').waitFor();
    await page.goto(`${server.url}/search?last=soon`);
    await page.getByText('Expected an ISO 8601 time as "since"').waitFor();
    // The browser reports each answer with 400.
    expect(problems.splice(0).every((problem) => problem.includes('400'))).toBe(true);
  });

  it.each([
    ['CSV', 'uploads.csv', 2],
    ['JSON lines', 'uploads.jsonl', 1],
  ])('keeps all records of a search as %s, and shows the command for it', async (format, name, lines) => {
    await page.getByLabel('Bucket').fill('archive-bucket');
    await search();
    await page.getByText('1 record in the last 30 days').waitFor();
    await page.getByText('Export', { exact: true }).click();
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(await page.getByRole('region', { name: 'Command' }).textContent()).toBe(
      'upload-ledger list --since=30d --bucket=archive-bucket --region=eu-west-1 --csv > uploads.csv',
    );
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: format }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe(name);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(lines);
    expect(text).toContain('archive-bucket');
  });

  it('quotes for the shell what a command of a search holds', async () => {
    await page.goto(`${server.url}/search?prefix=${encodeURIComponent("it's; rm -rf /")}`);
    await page.getByText('Export', { exact: true }).click();
    expect(await page.getByRole('region', { name: 'Command' }).textContent()).toContain(
      String.raw`--prefix='it'\''s; rm -rf /'`,
    );
  });

  it('searches the minute that is clicked in a chart, and the minutes that are dragged over', async () => {
    await page.goto(server.url);
    const plot = page.locator('.u-over').first();
    await page.getByRole('img', { name: /^Uploads a minute: 3 in the last hour/ }).waitFor();
    await plot.click();
    await page.getByRole('heading', { name: 'Search' }).waitFor();
    const minute = () => {
      const { searchParams } = new URL(page.url());
      const [since = 0, until = 0] = ['since', 'until'].map((name) => Date.parse(`${searchParams.get(name)}Z`));
      return (until - since) / MINUTE_MS;
    };
    expect(minute()).toBe(1);
    await page.goBack();
    const box = await plot.boundingBox();
    const [left, top, width] = [box?.x ?? 0, (box?.y ?? 0) + 50, box?.width ?? 0];
    await page.mouse.move(left + width * 0.1, top);
    await page.mouse.down();
    await page.mouse.move(left + width * 0.9, top, { steps: 4 });
    await page.mouse.up();
    await page.getByText('2 records; there are no more.').waitFor();
    expect(minute()).toBeGreaterThan(45);
  });

  it('searches a category by its name in the legend', async () => {
    await page.goto(server.url);
    await page.locator('.legend').getByRole('link', { name: 'audio' }).click();
    await page.getByRole('button', { name: '1h', pressed: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?category=audio&last=1h');
  });

  it('copies the key, the URI and the ETag of an object', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${server.url}/object?bucket=uploads-bucket&key=report.pdf`);
    await page.getByRole('button', { name: 'Copy ETag' }).waitFor();
    await page.getByRole('button', { name: 'Copy URI' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('s3://uploads-bucket/report.pdf');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('counts uploads by day, uploader, category and bucket over a range, in the address', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Statistics' }).click();
    await page.getByText('4 uploads of 4.9 kB in the last 30 days, 5 records read.').waitFor();
    await page.getByLabel('Count by').selectOption('bucket');
    await page.getByRole('button', { name: '1h', exact: true }).click();
    await page.getByText('3 uploads of 3.7 kB, 3 records read.').waitFor();
    expect(new URL(page.url()).search).toBe('?last=1h&by=bucket');
    const names = await page.locator('.statistics tbody th').allTextContents();
    expect(names).toEqual(['uploads-bucket', 'archive-bucket']);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'archive-bucket' }).click();
    await page.getByText('1 record; there are no more.').waitFor();
    expect(new URL(page.url()).search).toBe('?bucket=archive-bucket&last=1h');
    await page.goto(`${server.url}/statistics?by=week`);
    await page.getByText('Expected "by" to be one of hour, day, uploader, category, bucket.').waitFor();
    expect(problems.splice(0).every((problem) => problem.includes('400'))).toBe(true);
  });

  it('shows what the checks of the deployment found, and what to do', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Health' }).click();
    await page.getByText('1 thing wrong, 0 could not be checked, of 2 checks.').waitFor();
    expect(await page.locator('tr', { hasText: 'it is gone' }).textContent()).toContain('To do: restore it');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('has a page for an address that is none of its own', async () => {
    const answer = await page.goto(`${server.url}/nowhere`);
    expect(answer?.status()).toBe(404);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(problems.splice(0).every((problem) => problem.includes('404'))).toBe(true);
  });

  it('shows the status in a column of its own', async () => {
    const row = page.locator('tr.deleted');
    expect(await row.locator('.status').textContent()).toBe('deleted');
    expect(await row.locator('.size').textContent()).toContain('-');
  });

  it('searches a category by its name in a row', async () => {
    await page.locator('.records').getByRole('link', { name: 'audio' }).click();
    await page.getByText('1 record in the last 30 days').waitFor();
    expect(await keys()).toEqual(['song.mp3']);
  });

  it.each([375, 1280])('shows the extension of every file, %i pixels wide', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    const cut = await page.locator('.key-end, .key-name:not(:has(span))').evaluateAll((ends) =>
      ends
        .filter((end) => {
          const cell = end.closest('td')?.getBoundingClientRect();
          const { right } = end.getBoundingClientRect();
          return cell === undefined || right > cell.right + 0.5 || end.scrollWidth > end.clientWidth + 1;
        })
        .map((end) => end.textContent),
    );
    expect(cut).toEqual([]);
    expect(await page.locator('.key-end').first().textContent()).toBe('gal.docx');
  });

  it('shows bucket and status also on a phone', async () => {
    await page.setViewportSize({ width: 375, height: 900 });
    expect(await page.locator('tr.deleted .narrow-status').isVisible()).toBe(true);
    expect(await page.locator('.narrow-bucket').textContent()).toBe('archive-bucket');
    expect(await page.locator('.narrow-bucket').isVisible()).toBe(true);
  });

  it('shows the link of every view on a phone', async () => {
    await page.setViewportSize({ width: 375, height: 900 });
    const rights = await page
      .getByRole('navigation')
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getBoundingClientRect().right));
    expect(rights.length).toBeGreaterThan(5);
    expect(Math.max(...rights)).toBeLessThanOrEqual(375);
  });

  it.each(['light', 'dark'] as const)('is accessible with every column, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('counts the uploads of the last 60 seconds beside those of the last hour', async () => {
    const recent = new MemoryLedger();
    recent.add(uploadAt(Date.now() - 10 * MINUTE_MS, 'earlier.txt', { filesize: 1000 }));
    // Counts as of now, however long the page takes to open.
    recent.add(uploadAt(Date.now() + 10 * MINUTE_MS, 'ahead.txt', { filesize: 500 }));
    const counting = Promise.withResolvers<void>();
    const reader = recent.reader();
    const newest = async function* (...options: Parameters<typeof reader.newest>) {
      await counting.promise;
      yield* reader.newest(...options);
    };
    const other = await startConsole({ source: sourceOf({ reader: { ...reader, newest } }), explain: String });
    await page.goto(other.link);
    const tile = (name: string) => page.locator('.tile', { hasText: name });
    await tile('Uploads in 60 s').getByText('2 so far in 1 h').waitFor();
    counting.resolve();
    await tile('Uploads in 60 s').getByText('2 in 1 h').waitFor();
    expect(await tile('Uploads in 60 s').locator('.figure').textContent()).toBe('1');
    expect(await tile('Bytes in 60 s').locator('.figure').textContent()).toBe('500 B');
    await page.goto('about:blank');
    await other.close();
  });

  it('shows the time of the reader beside that of the ledger, and how far its date is off', async () => {
    const night = Date.parse('2026-06-30T22:30:05Z');
    const ledger = new MemoryLedger();
    ledger.add(uploadAt(night, 'night.txt'));
    const other = await startConsole({ source: sourceOf({ reader: ledger.reader() }), explain: String });
    const timesIn = async (timezoneId: string) => {
      const berlin = await openWatchedPage(browser, { timezoneId });
      await berlin.page.goto(other.link);
      await berlin.page.goto(`${other.url}/search?since=2026-06-30T00:00&until=2026-07-01T00:00`);
      await berlin.page.locator('.records tbody tr').waitFor();
      const row = await berlin.page.locator('.records :is(th, td).time').allTextContents();
      await berlin.page.setViewportSize({ width: 375, height: 800 });
      expect(await berlin.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
      expect(await berlin.page.locator('.key').evaluate((key) => key.getBoundingClientRect().width)).toBeGreaterThan(
        60,
      );
      const found = await accessibilityViolations(berlin.page);
      await berlin.page.close();
      return [...row, ...found, ...berlin.problems];
    };
    expect(await timesIn('Europe/Berlin')).toEqual(['Time (UTC, local)', '2026-06-30 22:30:05 00:30:05 +1 d']);
    expect(await timesIn('UTC')).toEqual(['Time (UTC)', '2026-06-30 22:30:05']);
    await other.close();
  });

  it('keeps the name of a file whole and in its order when it is not of plain letters', async () => {
    const ledger = new MemoryLedger();
    for (const name of ['تقرير نهائي.pdf', 'e\u0301te\u0301.txt', 'photo-0001.jpg'])
      ledger.add(uploadAt(Date.now(), name));
    const other = await startConsole({ source: sourceOf({ reader: ledger.reader() }), explain: String });
    const watched = await openWatchedPage(browser);
    await watched.page.goto(other.link);
    await watched.page.locator('.records tbody tr').nth(2).waitFor();
    const names = await watched.page
      .locator('.key-name')
      .evaluateAll((all) => all.map((name) => [...name.childNodes].map(({ textContent }) => textContent)));
    expect(names).toEqual([
      ['photo-', '0001.jpg'],
      ['e\u0301te\u0301', '.txt'],
      ['تقرير نهائي', '.pdf'],
    ]);
    await watched.page.close();
    await other.close();
  });

  it('says what to do next in an empty ledger, and that nothing failed', async () => {
    const empty = await startConsole({ source: sourceOf({ reader: new MemoryLedger().reader() }), explain: String });
    const other = await openWatchedPage(browser);
    await other.page.goto(empty.link);
    await other.page.getByText('aws s3 cp FILE s3://uploads-bucket/').waitFor();
    expect(await accessibilityViolations(other.page)).toEqual([]);
    await other.page.close();
    await empty.close();
  });

  it('has run without an error or a refusal of its policy', () => {
    expect(problems).toEqual([]);
  });
});

async function* checkHealth() {
  yield { check: 'queue policy', outcome: 'ok', says: 'as it was deployed' } as const;
  yield { check: 'table', outcome: 'wrong', says: 'it is gone', todo: 'restore it' } as const;
}

/** Five records: two files of one name in two buckets, a long name, a deletion, and a song. */
function ledgerOfTwoBuckets(now: number) {
  const ledger = new MemoryLedger();
  const elsewhere = { s3_bucket: 'archive-bucket', s3_object: 'archive-bucket/report.pdf' };
  const records = [
    uploadAt(now - 5 * HOUR_MS, 'music/song.mp3', { category: 'audio', s3_key: 'song.mp3' }),
    uploadAt(now - 3 * HOUR_MS, 'gone.jpg', { status: 'deleted', event_name: 'ObjectRemoved:Delete' }),
    uploadAt(now - 40 * MINUTE_MS, 'report.pdf', { etag: 'd41d8cd98f00b204e9800998ecf8427e' }),
    uploadAt(now - 30 * MINUTE_MS, 'report.pdf', elsewhere),
    uploadAt(now - MINUTE_MS, `deep/${'deep/'.repeat(12)}${LONG_NAME}`),
  ];
  for (const record of records) ledger.add(record);
  return ledger.reader();
}

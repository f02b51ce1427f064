import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConsoleServer, startConsole } from '../../../src/console/server/console-server.ts';
import { MemoryLedger } from '../../console/memory-ledger.ts';
import { uploadAt } from '../../console/records.ts';
import { sourceOf } from '../../console/test-source.ts';
import { accessibilityViolations } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { openWatchedPage } from './watched-page.ts';

const MARKUP = '<img src=x onerror="document.title=\'caught\';alert(1)"><script>alert(2)</script>.jpg';
const LONG = `${'long/'.repeat(100)}${'長'.repeat(80)}${'x'.repeat(280)}.txt`;
const TURNED = 'invoice_\u202efdp.exe\u0007\n.txt';
const UPLOADER = '"><svg onload=alert(3)>\u202e';

describeInBrowser('the console with untrusted keys', () => {
  const ledger = new MemoryLedger();
  let server: ConsoleServer;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    const now = Date.now();
    ledger.add(uploadAt(now - 3000, 'plain.txt', { uploader: 'alice' }));
    ledger.add(uploadAt(now - 2000, TURNED, { uploader: UPLOADER }));
    ledger.add(uploadAt(now - 1000, LONG, { uploader: 'x'.repeat(600), etag: 'e'.repeat(900) }));
    ledger.add(
      uploadAt(now, MARKUP, { content_type: MARKUP, source_ip: MARKUP, event_name: MARKUP, uploader: MARKUP }),
    );
    server = await startConsole({ source: sourceOf({ reader: ledger.reader() }), explain: String });
    browser = await launchBrowser();
    ({ page, problems } = await openWatchedPage(browser));
    await page.goto(server.link);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const objectOf = (key: string) => `/object?${new URLSearchParams({ bucket: 'uploads-bucket', key })}`;

  it('has keys as long as S3 allows', () => {
    expect(Buffer.byteLength(LONG)).toBe(1024);
  });

  it.each([
    ['Live', '/'],
    ['Search', '/search'],
    ['a search for it', `/search?${new URLSearchParams({ prefix: MARKUP })}`],
    ['an object', objectOf(MARKUP)],
    ['an object that is not there', objectOf(`${MARKUP}?`)],
  ])('shows markup as text in %s', async (_, address) => {
    await page.goto(server.url + address);
    await page.getByText('<img src=x onerror=').first().waitFor();
    expect(await page.locator('main img, main svg, main script').count()).toBe(0);
    expect(await page.title()).toMatch(/- upload-ledger$/);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('shows what would turn or hide text as an escape', async () => {
    await page.goto(`${server.url}/search`);
    await page.getByText('invoice_\\u202efdp.exe\\x07\\x0a.txt').waitFor();
    await page.getByRole('link', { name: '"><svg onload=alert(3)>\\u202e' }).waitFor();
  });

  it.each([
    ['Live', '/'],
    ['Search', '/search'],
    ['the page of the longest key', objectOf(LONG)],
    ['the page of a key of markup', objectOf(MARKUP)],
  ])('keeps the layout at every width in %s', async (_, address) => {
    for (const width of [375, 700, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(server.url + address);
      await page.getByText('<img src=x').or(page.getByText(LONG)).first().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${address} at ${width}`).toBeLessThanOrEqual(
        width,
      );
      const heights = await page
        .locator('.records tbody tr')
        .evaluateAll((rows) => rows.map((row) => (row as unknown as { offsetHeight: number }).offsetHeight));
      expect(Math.max(0, ...heights) - Math.min(...heights, 99), `${address} at ${width}`).toBeLessThanOrEqual(2);
    }
  });

  it('follows a link to each of them', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const key of [MARKUP, LONG, TURNED]) {
      await page.goto(`${server.url}/search`);
      await page.locator(`a.key[href="${objectOf(key)}"]`).click();
      await page.locator('.facts').waitFor();
      expect(new URL(page.url()).searchParams.get('key')).toBe(key);
    }
  });

  it('is reached and left by the keyboard alone', async () => {
    await page.goto(server.url);
    await page.getByText('<img src=x').first().waitFor();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    for (const name of ['upload-ledger', 'Live', 'Search']) {
      await page.keyboard.press('Tab');
      expect(await focused(page)).toBe(name);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor();
    expect(await focused(page)).toBe('Search');
    await page.keyboard.press('Tab');
    await page.keyboard.type('plain');
    await page.keyboard.press('Enter');
    await page.getByText('1 record in the last 30 days.').waitFor();
  });

  it('has run without an error, a dialog, or a request to elsewhere', () => {
    expect(problems).toEqual([]);
  });
});

/** The text of the element that has the focus. */
async function focused(page: Page): Promise<string> {
  return String(await page.evaluate('document.activeElement.textContent'));
}

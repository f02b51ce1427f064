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

const WIDTH = 375;
const KEY = 'uploads/invoices/2026/000096.pdf';
const VERSION = '3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY';
const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:UploadLedgerUploadsConsumerFunction7C1F2A3B';
const TODO = 'aws lambda update-event-source-mapping --uuid 6b3c1c1e-1111-2222-3333-444455556666 --enabled';

describeInBrowser('the console on a phone', () => {
  let server: ConsoleServer;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    const ledger = new MemoryLedger();
    const hour = Date.now() - 3_600_000;
    const version = { version_id: VERSION, uploader: 'erika@example.com', source_ip: '203.0.113.7' };
    ledger.add(uploadAt(hour, KEY, version));
    ledger.add(uploadAt(hour + 1000, KEY, { ...version, status: 'deleted', event_name: 'ObjectRemoved:Delete' }));
    const source = { reader: ledger.reader(), checkHealth, inbox: async () => EMAILS };
    server = await startConsole({ source: sourceOf(source), explain: String });
    browser = await launchBrowser();
    ({ page, problems } = await openWatchedPage(browser, {
      viewport: { width: WIDTH, height: 760 },
      timezoneId: 'Europe/Berlin',
    }));
    await page.goto(server.link);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  it.each(['/', '/search'])('has a whole line for the key of a record at %s', async (address) => {
    await page.goto(server.url + address);
    const key = page.locator('.records .key-folder').first();
    expect(await key.textContent()).toBe('uploads/invoices/2026/');
    expect(await key.evaluate((folder) => folder.scrollWidth - folder.clientWidth)).toBeLessThanOrEqual(1);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('shows the whole history of an object without scrolling sideways', async () => {
    await page.goto(`${server.url}/object?${new URLSearchParams({ bucket: 'uploads-bucket', key: KEY })}`);
    await page.getByText('ObjectRemoved:Delete').last().waitFor();
    expect(await hiddenPixels()).toEqual([]);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('shows what a check found and what to do without scrolling sideways', async () => {
    await page.goto(`${server.url}/health`);
    await page.getByText('1 thing wrong').waitFor();
    expect(await hiddenPixels()).toEqual([]);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('shows an email that was chosen above the list of the others', async () => {
    await page.goto(`${server.url}/mail`);
    await page.getByRole('link', { name: 'Email 3' }).click();
    await page.getByRole('heading', { name: 'Email 3' }).waitFor();
    const top = (place: string) => page.locator(place).evaluate((box) => box.getBoundingClientRect().top);
    expect(await top('.email')).toBeLessThan(await top('.inbox'));
  });

  it('shows an error in the colour of errors, in every view that says how far it is', async () => {
    for (const [address, says] of [
      ['/search?last=soon', 'Expected an ISO 8601 time'],
      ['/statistics?last=soon', 'Expected an ISO 8601 time'],
      ['/failed', 'not used here'],
    ] as const) {
      await page.goto(server.url + address);
      await page.locator('main [role=status].error', { hasText: says }).waitFor();
      const colour = await page.evaluate('getComputedStyle(document.querySelector("main .error")).color');
      expect(colour, address).toBe('rgb(180, 35, 24)');
    }
    // The browser reports each answer that is an error.
    expect(problems.splice(0).every((problem) => /status of (400|502)/.test(problem))).toBe(true);
  });

  it('has run without an error or a refusal of its policy', () => {
    expect(problems).toEqual([]);
  });

  /** Of the page and of each card that would have to be scrolled sideways. */
  async function hiddenPixels(): Promise<number[]> {
    const hidden = await page
      .locator('html, .card')
      .evaluateAll((cards) => cards.map((card) => card.scrollWidth - card.clientWidth));
    return hidden.filter((pixels) => pixels > 1);
  }
});

const EMAILS = Array.from({ length: 9 }, (_, at) => ({
  messageId: `${at}`,
  from: 'ledger@example.com',
  destination: { to: ['team@example.com'] },
  subject: `Email ${at}`,
  body: { text: 'one upload' },
  at,
}));

async function* checkHealth() {
  yield { check: 'queue policy', outcome: 'ok', says: 'as it was deployed' } as const;
  yield { check: 'event source mapping', outcome: 'wrong', says: `disabled for ${FUNCTION}`, todo: TODO } as const;
}

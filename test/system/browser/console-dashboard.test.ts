import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { accessibilityViolations } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { coloursOf } from './canvas.ts';
import { type ConsoleStack, startConsoleStack } from './console-stack.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { openWatchedPage } from './watched-page.ts';

const FILES = 12;
/** Colour of the light theme. */
const IMAGE = '42,115,197';

describeInBrowser('the dashboard in the console', () => {
  let running: ConsoleStack;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    running = await startConsoleStack(assemblyDirectory('console'));
    await upload();
    browser = await launchBrowser();
    ({ page, problems } = await openWatchedPage(browser));
    await page.goto(running.console.link);
    await page.getByRole('navigation').getByRole('link', { name: 'Dashboard' }).click();
  });

  afterAll(async () => {
    await browser?.close();
    await running?.close();
  });

  it('draws the uploads that were recorded, by category', async () => {
    await plot('Uploads a minute', /image.*, at most \d+/).waitFor();
    const legend = page.getByRole('region', { name: 'Uploads a minute' }).locator('.widget-legend');
    expect(await legend.textContent()).toContain('image');
    const canvas = page.getByRole('region', { name: 'Uploads a minute' }).locator('canvas');
    await expect.poll(() => coloursOf(canvas)).toContain(IMAGE);
  });

  it('draws what the emulators tell of queue and function', async () => {
    await plot('Function: duration, ms', /p50, last [\d,.]+/).waitFor();
    await plot('Queue: messages', /Waiting or in work, last \d+/).waitFor();
  });

  it('has each widget of the template in its place, on one screen row after row', async () => {
    const [widgets] = running.stack.resources.dashboards.map((dashboard) => dashboard.widgets);
    const titles = await page.locator('.widget h2').allTextContents();
    expect(titles).toEqual(widgets?.map(({ title }) => title));
    const places = await page
      .locator('.widget')
      .evaluateAll((cards) => cards.map((card) => card.getBoundingClientRect().top));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('shows that no alarm is raised, and says what to do when one is', async () => {
    const alarms = page.getByRole('list', { name: /alarms/i }).getByRole('listitem');
    await expect.poll(() => alarms.count()).toBe(running.stack.resources.alarms.length);
    expect(await page.locator('.alarms .alarm').count()).toBe(0);
    haveDeadLetters(2);
    await page.getByText(/Messages are in the dead-letter queue: .*upload-ledger dlq list/).waitFor();
    expect(await page.locator('.alarms .alarm').count()).toBe(1);
    expect(await alarms.first().textContent()).toMatch(/^In alarm/);
  });

  it('is accessible, also in the dark', async () => {
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it('changes its time range by a link that can be shared', async () => {
    await page.getByRole('navigation', { name: 'Time range' }).getByRole('link', { name: '12 h', exact: true }).click();
    await page.locator('[aria-current]', { hasText: '12 h' }).waitFor();
    expect(new URL(page.url()).search).toBe('?hours=12');
    await plot('Uploads a minute', /at most \d+/).waitFor();
  });

  it('fits on a phone', async () => {
    await page.setViewportSize({ width: 375, height: 760 });
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('caused no error, no refusal by the policy, and no request elsewhere', () => {
    expect(problems).toEqual([]);
  });

  async function upload(): Promise<void> {
    const { stack } = running;
    for (let file = 0; file < FILES; file += 1) {
      const url = await presignUpload(stack.clients.s3, { bucket: stack.bucketName, key: `photos/${file}.jpg` });
      await fetch(url, { method: 'PUT', body: 'a photo' });
    }
    await stack.drained();
  }

  function plot(title: string, rest: RegExp) {
    return page.getByRole('img', { name: new RegExp(`^${title}: .*${rest.source}`) });
  }

  /** As if SQS had said so for two minutes: whatever minute is over when the page asks, it is one of them. */
  function haveDeadLetters(count: number): void {
    const { deadLetterQueueUrl, serviceMetrics } = running.stack;
    const dimensions = { QueueName: deadLetterQueueUrl.split('/').at(-1) ?? '' };
    const name = 'ApproximateNumberOfMessagesVisible';
    for (const timestamp of [Date.now() - 60_000, Date.now()]) {
      const queue = { namespace: 'AWS/SQS', dimensions, unit: 'Count', timestamp };
      serviceMetrics.sink.put({ ...queue, name, values: [count] });
      serviceMetrics.sink.put({ ...queue, name: 'ApproximateNumberOfMessagesNotVisible', values: [0] });
    }
  }
});

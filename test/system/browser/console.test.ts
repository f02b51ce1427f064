import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { QUARANTINE_ATTRIBUTES } from '../../../src/contract/quarantine.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { accessibilityViolations } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { coloursOf } from './canvas.ts';
import { type ConsoleStack, startConsoleStack } from './console-stack.ts';
import { describeInBrowser } from './describe-in-browser.ts';
import { dropOnto } from './drop-onto.ts';
import { openWatchedPage } from './watched-page.ts';

const FILES = 20;
/** Colours of the light theme: the dropped files are of these two categories. */
const IMAGE = '42,115,197';
const DOCUMENT = '18,133,106';

/** Every view, and a text by which it is there. */
const VIEWS = [
  ['/', 'later.txt'],
  ['/search', 'in the last 30 days'],
  ['/object?bucket=BUCKET&key=later.txt', 'ObjectCreated:Put'],
  ['/failed', '1 dead letter in all'],
  ['/failed?reason=not-json', '1 of 1'],
  ['/statistics', 'in the last 30 days'],
  ['/health', 'nothing is wrong'],
  ['/mail', 'team@example.com'],
  ['/mail?digest=daily', 'What the digest would say now'],
  ['/upload', 'Choose files'],
] as const;

describeInBrowser('the console', () => {
  let running: ConsoleStack;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  let folder: string;

  beforeAll(async () => {
    running = await startConsoleStack(assemblyDirectory('console'));
    folder = filesToDrop();
    browser = await launchBrowser();
    ({ page, problems } = await openWatchedPage(browser));
    await page.goto(running.console.link);
  });

  afterAll(async () => {
    await browser?.close();
    await running?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps the token out of the address', () => {
    expect(page.url()).toBe(`${running.console.url}/`);
  });

  it('uploads a folder that is dropped, and shows each file turn into a record', async () => {
    await open('Upload');
    await page.getByLabel('Upload as').fill('alice');
    await dropOnto(page, page.locator('.zone'), [folder]);
    await page.getByText(`${FILES} uploaded, ${FILES} recorded`).waitFor();
    expect(await page.locator('.files li.recorded').count()).toBe(FILES);
  });

  it('shows the records live, and the curve with them', async () => {
    await open('Live');
    await expect.poll(() => page.locator('.records tbody tr').count(), { timeout: 20_000 }).toBe(FILES);
    expect(await page.locator('.records tbody tr').first().textContent()).toContain('alice');
    const chart = page.getByRole('img', { name: /^Uploads a minute: 20 in the last hour/ });
    await chart.waitFor();
    const colours = () => coloursOf(chart.locator('canvas'));
    await expect.poll(colours, { timeout: 20_000 }).toEqual(expect.arrayContaining([IMAGE, DOCUMENT]));
    expect(await page.locator('.tile', { hasText: 'Recording delay' }).locator('.figure').textContent()).toMatch(
      /\d s$/,
    );
  });

  it('shows new records without being asked, while the page stays as it is', async () => {
    const before = await page.locator('.records tbody tr').count();
    const url = await page.evaluate(
      `fetch('/api/uploads', { method: 'POST', headers: { authorization: 'Bearer ' + sessionStorage.getItem('token') }, body: '{"uploads":[{"key":"later.txt","uploader":"bob"}]}' }).then((answer) => answer.json()).then(({ urls }) => urls[0])`,
    );
    await fetch(String(url), { method: 'PUT', body: 'later' });
    await page.locator('.records tbody tr').nth(before).waitFor();
    expect(await page.locator('.records tbody tr').first().textContent()).toContain('later.txt');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused.').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused.').waitFor({ state: 'detached' });
  });

  it('opens an object with its history', async () => {
    await page.getByRole('link', { name: 'dropped/deep/01.jpg' }).click();
    await page.getByRole('heading', { name: 'drops/dropped/deep/01.jpg' }).waitFor();
    await page.getByText('ObjectCreated:Put').first().waitFor();
    expect(await page.locator('.facts').textContent()).toContain('alice');
    expect(await page.locator('.history tbody tr').count()).toBe(1);
  });

  it('asks which object is meant when the address names none', async () => {
    const address = page.url();
    await page.goto(`${running.console.url}/object`);
    await page.getByRole('heading', { name: 'Which object?' }).waitFor();
    expect(await page.getByRole('link', { name: 'search for it' }).getAttribute('href')).toBe('/search');
    await page.goto(address);
    await page.locator('.facts').waitFor();
  });

  it('finds the objects of an uploader, by a link that can be shared', async () => {
    await page.locator('.facts').getByRole('link', { name: 'alice' }).click();
    await page.getByText(`${FILES} records; there are no more.`).waitFor();
    const other = await openWatchedPage(browser);
    await other.page.goto(page.url());
    await other.page.getByText('Open the link that the console printed when it started.').waitFor();
    expect(await accessibilityViolations(other.page)).toEqual([]);
    await other.page.goto(`${page.url()}${new URL(running.console.link).hash}`);
    await other.page.getByText(`${FILES} records; there are no more.`).waitFor();
    expect(other.page.url()).toBe(page.url());
    expect(await other.page.getByLabel('Uploader').inputValue()).toBe('alice');
    expect(other.problems).toEqual([]);
    await other.page.close();
  });

  it('narrows a search by prefix, category and status, and goes back', async () => {
    await page.getByLabel('Key begins with').fill('drops/dropped/deep/');
    await page.getByLabel('Category').selectOption('image');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('10 records; there are no more.').waitFor();
    await page.getByLabel('Status').selectOption('deleted');
    await page.getByLabel('Status').press('Enter');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('No record found.').waitFor();
    await page.goBack();
    await page.getByText('10 records; there are no more.').waitFor();
    expect(await page.getByLabel('Status').inputValue()).toBe('');
  });

  it('shows dead letters by reason with their decisions, and changes nothing in a dry run', async () => {
    await sendDead('not-json', 'This is not JSON');
    await sendDead(
      'bad-event-record',
      s3Message(s3EventRecord({ bucket: running.stack.bucketName, key: 'redriven.txt' })),
    );
    await open('Failed');
    await page.getByText('2 dead letters in all.').waitFor();
    const good = page.locator('.group', { hasText: 'bad-event-record' });
    expect(
      await page.locator('.group', { hasText: 'not-json' }).getByRole('button', { name: 'Redrive' }).isDisabled(),
    ).toBe(true);
    await good.getByText('The message').click();
    expect(await good.textContent()).toContain(`Now: uploaded s3://${running.stack.bucketName}/redriven.txt`);
    await page.locator('.group', { hasText: 'not-json' }).locator('summary').click();
    expect(await accessibilityViolations(page)).toEqual([]);
    await good.getByRole('button', { name: 'Dry run' }).click();
    await page.getByText('Done. 2 looked at, 1 would be moved.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('2 dead letters in all.').waitFor();
  });

  it('searches dead letters by a part of their bodies, in the address, and keeps what it finds as a file', async () => {
    await page.getByLabel('Body or detail contains').fill('redriven.txt');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('1 of 2 dead letters. To redrive, clear the search').waitFor();
    expect(new URL(page.url()).search).toBe('?text=redriven.txt');
    expect(await page.locator('.group .mono').first().textContent()).toBe('bad-event-record');
    expect(await page.getByRole('button', { name: 'Dry run' }).count()).toBe(0);
    await page.getByText('Export', { exact: true }).click();
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(await page.getByRole('region', { name: 'Command' }).textContent()).toBe(
      'upload-ledger dlq export dead-letters.jsonl --contains=redriven.txt --local',
    );
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'JSON lines' }).click();
    const lines = readFileSync(await (await downloading).path(), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).reason)).toEqual(['bad-event-record']);
    await page.getByLabel('Body or detail contains').fill('nothing like it');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('None of 2 dead letters matches.').waitFor();
    await page.getByRole('link', { name: 'Clear' }).click();
    await page.getByText('2 dead letters in all.').waitFor();
  });

  it('redrives when that is confirmed, and the message becomes a record', async () => {
    await page.getByRole('button', { name: 'Redrive 1 …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Move the message').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Redrive' }).click();
    await dialog.getByText(/^Done\. 2 looked at, 1 of 1 moved\.$/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText('1 dead letter in all.').waitFor();
    await page.goto(
      `${running.console.url}/object?${new URLSearchParams({ bucket: running.stack.bucketName, key: 'redriven.txt' })}`,
    );
    await page.locator('.facts').waitFor();
  });

  it('shows what the next digest would say, then the digest that was sent', async () => {
    await open('Mail');
    await page.getByRole('link', { name: 'Next digest: daily' }).click();
    await page.frameLocator('iframe').getByText('22 uploads').first().waitFor();
    await running.stack.scheduler.tickNow();
    await running.stack.drained();
    await expect.poll(async () => (await running.stack.servers.mail.emails()).length).toBe(1);
    await open('Mail');
    await page.getByText('to team@example.com').first().waitFor();
    await page.frameLocator('iframe').getByText('22 uploads').first().waitFor();
    await page.getByText('As plain text').click();
    expect(await page.locator('.email pre').textContent()).toContain('22 uploads');
  });

  it('keeps an email in a frame in which nothing runs', async () => {
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
  });

  it.each((['light', 'dark'] as const).flatMap((theme) => VIEWS.map(([address, text]) => ({ theme, address, text }))))(
    'is accessible at $address, $theme',
    async ({ theme, address, text }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.goto(running.console.url + address.replace('BUCKET', running.stack.bucketName));
      await page.getByText(text).first().waitFor();
      if (address === '/failed') await page.getByText('The message').first().click();
      expect(await accessibilityViolations(page)).toEqual([]);
    },
  );

  it('has run without an error, a refusal of its policy or a request to elsewhere', () => {
    expect(problems).toEqual([]);
  });

  async function open(view: string): Promise<void> {
    await page.getByRole('navigation').getByRole('link', { name: view }).click();
    await page.getByRole('heading', { level: 1, name: view }).waitFor({ state: 'attached' });
  }

  async function sendDead(reason: string, body: string): Promise<void> {
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    const MessageAttributes = {
      [QUARANTINE_ATTRIBUTES.reason]: text(reason),
      [QUARANTINE_ATTRIBUTES.originalMessageId]: text('original'),
    };
    const QueueUrl = running.stack.deadLetterQueueUrl;
    await running.stack.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
  }
});

/** A folder with a folder: half of the files in each. */
function filesToDrop(): string {
  const parent = mkdtempSync(path.join(tmpdir(), 'upload-ledger-'));
  const folder = path.join(parent, 'dropped');
  mkdirSync(path.join(folder, 'deep'), { recursive: true });
  for (let index = 0; index < FILES; index += 1) {
    const name = `${String(index).padStart(2, '0')}.${index % 2 === 0 ? 'txt' : 'jpg'}`;
    writeFileSync(path.join(folder, index % 2 === 0 ? '' : 'deep', name), 'x'.repeat(100 * index + 1));
  }
  return folder;
}

/**
 * Photographs the views of the console for the documentation, each in light, in dark or as a phone shows it, as `docs/console.md` shows
 * it: `npm run lab -- screenshots-console`.
 *
 * Needs a Chromium on this machine: Debian's (`apt-get install chromium`), or the one that CHROMIUM names.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Page } from 'playwright-core';
import { planDemo } from '../../../src/cli/demo/plan.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import { QUARANTINE_ATTRIBUTES } from '../../../src/contract/quarantine.ts';
import { createBatchWrite } from '../../../src/ledger/write/batch-write.ts';
import { ensureAssembly } from '../../../src/local/assembly.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { launchBrowser } from '../../system/browser/browser.ts';
import { type ConsoleStack, startConsoleStack } from '../../system/browser/console-stack.ts';
import { hourOfUploads } from './hour-of-uploads.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../docs/images');
const DOCUMENT = readFileSync(path.resolve(FOLDER, '../console.md'), 'utf8');
const SHOWN = new Set(DOCUMENT.match(/console-[\w-]+\.png/g));
const ASSEMBLIES = path.resolve(import.meta.dirname, '../../../.cache/assembly-screenshots');
const DIGEST = {
  name: 'daily',
  schedule: 'cron(0 9 * * ? *)',
  timeZone: 'Europe/Berlin',
  recipients: ['team@example.com'],
};
const PUTS_A_CALL = 25;

mkdirSync(FOLDER, { recursive: true });
const context = { emailSender: 'ledger@example.com', digests: JSON.stringify([DIGEST]) };
const running = await startConsoleStack(await ensureAssembly({ outputDirectory: ASSEMBLIES, context }));
const browser = await launchBrowser();
try {
  await prepare(running);
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 860 },
      colorScheme,
      reducedMotion: 'reduce',
    });
    await page.goto(running.console.link);
    await photographAll(page, colorScheme);
    await page.setViewportSize({ width: 375, height: 760 });
    await photograph(page, `live-375-${colorScheme}`);
    await page.close();
  }
} finally {
  await browser.close();
  await running.close();
}

/** An hour of uploads in the ledger, a demo through the whole pipeline, dead letters and a digest in the inbox. */
async function prepare({ stack }: ConsoleStack): Promise<void> {
  const write = createBatchWrite(stack.clients.dynamodb, stack.tableName);
  const records = hourOfUploads(stack.bucketName, stack.indexShards, Date.now());
  for (let start = 0; start < records.length; start += PUTS_A_CALL) {
    await write(records.slice(start, start + PUTS_A_CALL), new AbortController().signal);
  }
  await runDemo(stack, planDemo(120, 1));
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  for (const key of ['exports/2026-11.csv', 'exports/2026-10.csv']) {
    const sent = new SendMessageCommand({
      QueueUrl: stack.deadLetterQueueUrl,
      MessageBody: s3Message(s3EventRecord({ bucket: stack.bucketName, key })),
      MessageAttributes: {
        [QUARANTINE_ATTRIBUTES.reason]: text('unsupported-version'),
        [QUARANTINE_ATTRIBUTES.detail]: text('expected an eventVersion of 2.x, got "3.0"'),
        [QUARANTINE_ATTRIBUTES.originalMessageId]: text('original'),
      },
    });
    await stack.clients.sqs.send(sent);
  }
  await stack.scheduler.tickNow();
  await stack.drained();
}

async function photographAll(page: Page, theme: string): Promise<void> {
  const open = (view: string) => page.getByRole('navigation').getByRole('link', { name: view }).click();
  await open('Search');
  await page.getByLabel('Key begins with').fill('uploads/');
  await page.getByLabel('Category').selectOption('document');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText(/in the last 30 days|The newest/).waitFor();
  await photograph(page, `search-${theme}`);
  await page.getByRole('link', { name: 'uploads/report, final.pdf' }).first().click();
  await page.locator('.history').waitFor();
  await photograph(page, `object-${theme}`);
  await open('Failed');
  await page
    .locator('.group')
    .getByText(/^Messages$/)
    .click();
  await photograph(page, `failed-${theme}`);
  await open('Mail');
  await page.frameLocator('iframe').getByText('Largest files').waitFor();
  await photograph(page, `mail-${theme}`);
  await open('Upload');
  await page.getByRole('button', { name: '100', exact: true }).click();
  await page.getByText('100 uploaded, 100 recorded').waitFor();
  await photograph(page, `upload-${theme}`);
  await open('Live');
  await page.getByRole('img', { name: /^Uploads a minute: [2-9],/ }).waitFor();
  await photograph(page, `live-${theme}`);
}

async function photograph(page: Page, name: string): Promise<void> {
  const file = path.join(FOLDER, `console-${name}.png`);
  if (!SHOWN.has(path.basename(file))) return;
  await page.mouse.move(0, 0);
  await page.screenshot({ path: file });
  process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
}

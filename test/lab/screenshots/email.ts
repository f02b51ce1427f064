/**
 * Photographs the digest email as a phone and a desktop show it, in light and dark, for the documentation: `npm run
 * lab -- screenshots-email`.
 *
 * Needs a Chromium on this machine: Debian's (`apt-get install chromium`), or the one that CHROMIUM names.
 */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { renderDigest } from '../../../src/digest/email/digest-email.ts';
import { LEDGER } from '../../builders/email-settings.ts';
import { richDigest } from '../../digest/email/email-samples.ts';

const EXECUTABLES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--force-color-profile=srgb'];
const FOLDER = path.resolve(import.meta.dirname, '../../../docs/images');

const executablePath = EXECUTABLES.find((file) => file !== undefined && existsSync(file));
if (executablePath === undefined) {
  process.stderr.write('No Chromium found: install one (apt-get install chromium), or name one in CHROMIUM.\n');
  process.exit(1);
}

mkdirSync(FOLDER, { recursive: true });
const { html } = renderDigest(richDigest(), LEDGER);
const browser = await chromium.launch({ executablePath, args: FLAGS });
try {
  for (const width of [360, 800]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ viewport: { width, height: 640 }, colorScheme });
      await page.setContent(html);
      const seen = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (seen > width)
        throw new Error(`The email is ${seen} pixels wide in a window of ${width}: something does not wrap.`);
      const file = path.join(FOLDER, `digest-${width}-${colorScheme}.png`);
      await page.screenshot({ path: file, fullPage: true });
      process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
      await page.close();
    }
  }
} finally {
  await browser.close();
}

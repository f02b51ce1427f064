/**
 * Photographs the console's view of the deployed dashboard in several situations: `npm run lab -- screenshots-dashboard`. The
 * pictures that the documentation shows go there, the others to `.cache/screenshots`.
 *
 * Needs a Chromium on this machine: Debian's (`apt-get install chromium`), or the one that CHROMIUM names.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ensureAssembly } from '../../../src/local/assembly.ts';
import { launchBrowser } from '../../system/browser/browser.ts';
import { startConsoleStack } from '../../system/browser/console-stack.ts';
import { putHistory, type Situation } from './dashboard-history.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SHOWN = ['dashboard-burst-1440-light.png'];
const SITUATIONS: readonly Situation[] = ['quiet', 'burst', 'backlog', 'outage'];
const WIDTHS = { 1440: 900, 375: 760 } as const;

mkdirSync(path.join(ROOT, '.cache/screenshots'), { recursive: true });
const assembly = await ensureAssembly({ outputDirectory: path.join(ROOT, '.cache/assembly-dashboard'), context: {} });
const browser = await launchBrowser();
try {
  for (const situation of SITUATIONS) await photographSituation(situation);
} finally {
  await browser.close();
}

async function photographSituation(situation: Situation): Promise<void> {
  const running = await startConsoleStack(assembly);
  try {
    await running.stack.drained();
    // From here on the figures are those of the history.
    await running.stack.serviceMetrics.close();
    putHistory(running.stack, situation, Date.now());
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [width, height] of Object.entries(WIDTHS)) {
        const page = await browser.newPage({ viewport: { width: Number(width), height }, colorScheme });
        await page.goto(running.console.link.replace('/#', '/dashboard#'));
        await photograph(page, `dashboard-${situation}-${width}-${colorScheme}.png`);
        await page.close();
      }
    }
  } finally {
    await running.close();
  }
}

async function photograph(page: Page, name: string): Promise<void> {
  await page.getByText(/^As of /).waitFor();
  const isShown = SHOWN.includes(name);
  const file = path.join(ROOT, isShown ? 'docs/images' : '.cache/screenshots', name);
  await page.screenshot({ path: file, fullPage: !isShown });
  process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
}

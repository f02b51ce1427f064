/**
 * Photographs the emails as a phone and a desktop show them, in light and dark: `npm run lab -- screenshots-email`. Those
 * that the documentation shows go there, the others to `.cache/screenshots`.
 *
 * Needs a Chromium on this machine: Debian's (`apt-get install chromium`), or the one that CHROMIUM names.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { renderAlert } from '../../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../../src/digest/email/digest-email.ts';
import { LEDGER } from '../../builders/email-settings.ts';
import { heldBackAlert, richAlert, richDigest } from '../../digest/email/email-samples.ts';
import { launchBrowser } from '../../system/browser/browser.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SHOWN = ['digest-800-light.png', 'digest-360-dark.png'];
const folderOf = (file: string) => path.join(ROOT, SHOWN.includes(file) ? 'docs/images' : '.cache/screenshots');

const EMAILS = {
  digest: renderDigest(richDigest(), LEDGER).html,
  alert: renderAlert(richAlert(), LEDGER).html,
  'held-back-alert': renderAlert(heldBackAlert(), LEDGER).html,
};

mkdirSync(path.join(ROOT, '.cache/screenshots'), { recursive: true });
const browser = await launchBrowser();
try {
  for (const [email, html] of Object.entries(EMAILS)) {
    for (const width of [360, 800]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ viewport: { width, height: 640 }, colorScheme });
        await page.setContent(html);
        const seen = Number(await page.evaluate('document.documentElement.scrollWidth'));
        if (seen > width)
          throw new Error(`The email is ${seen} pixels wide in a window of ${width}: something does not wrap.`);
        const name = `${email}-${width}-${colorScheme}.png`;
        const file = path.join(folderOf(name), name);
        await page.screenshot({ path: file, fullPage: true });
        process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
        await page.close();
      }
    }
  }
} finally {
  await browser.close();
}

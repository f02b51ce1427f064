import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../src/digest/email/digest-email.ts';
import { LEDGER } from '../builders/email-settings.ts';
import { heldBackAlert, richAlert, richDigest } from './email/email-samples.ts';

/**
 * When one of these fails, read the difference and look at the email before you accept it: `npx vitest run -u`, `npm run
 * lab -- screenshots-email`.
 */
describe('renderDigest and renderAlert', () => {
  it.each([
    ['digest', () => renderDigest(richDigest(), LEDGER)],
    ['alert', () => renderAlert(richAlert(), LEDGER)],
    ['held-back-alert', () => renderAlert(heldBackAlert(), LEDGER)],
  ])('render a rich %s exactly as the approved file', async (name, render) => {
    const { subject, text, html } = render();
    await expect(`${subject}\n\n${text}`).toMatchFileSnapshot(`golden/${name}.txt`);
    await expect(html).toMatchFileSnapshot(`golden/${name}.html`);
  });
});

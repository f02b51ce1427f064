import { describe, expect, it } from 'vitest';
import { renderAlert } from '../../src/digest/email/alert-email.ts';
import { renderDigest } from '../../src/digest/email/digest-email.ts';
import { richAlert, richDigest } from './email/email-samples.ts';

/**
 * Read the difference when one of these fails, and look at the email before taking it: `npx vitest run -u`, `npm run
 * lab -- screenshots-email`.
 */
describe('the emails as people get them', () => {
  it.each([
    ['digest', () => renderDigest(richDigest())],
    ['alert', () => renderAlert(richAlert())],
  ])('a rich %s reads as it was approved', async (name, render) => {
    const { subject, text, html } = render();
    await expect(`${subject}\n\n${text}`).toMatchFileSnapshot(`golden/${name}.txt`);
    await expect(html).toMatchFileSnapshot(`golden/${name}.html`);
  });
});

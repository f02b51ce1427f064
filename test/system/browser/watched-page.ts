import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page, and all that went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors, refusals of the policy, dialogs, and requests to anywhere but this machine. */
  readonly faults: string[];
}

/** Opens a page whose every fault is kept. */
export async function openWatchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(`error: ${message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== 'data:' && hostname !== '127.0.0.1') faults.push(`request: ${request.url()}`);
  });
  return { page, faults };
}

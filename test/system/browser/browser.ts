import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--force-color-profile=srgb'];

/** The Chromium of this machine; undefined when there is none. */
const executablePath = EXECUTABLES.find((file) => file !== undefined && existsSync(file));

export const hasBrowser = executablePath !== undefined;

export const HOW_TO_ENABLE = 'no Chromium found: "apt-get install chromium" enables them, or naming one in CHROMIUM';

/** @throws Error when this machine has no Chromium. */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`Expected a browser; ${HOW_TO_ENABLE}.`);
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--force-color-profile=srgb'];

/** The Chromium of this machine; undefined when there is none. */
export const executablePath = EXECUTABLES.find((file) => file !== undefined && existsSync(file));

/** What whoever runs the tests without one is told. */
export const HOW_TO_ENABLE = 'no Chromium found: "apt-get install chromium" enables this, or naming one in CHROMIUM';

/** @throws Error when this machine has no Chromium. */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  if (executablePath === undefined) throw new Error(HOW_TO_ENABLE);
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

const EXECUTABLES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--force-color-profile=srgb'];

/** The Chromium of this machine; undefined when there is none. */
const executablePath = EXECUTABLES.find((file) => file !== undefined && existsSync(file));

const HOW_TO_ENABLE = 'no Chromium found: "apt-get install chromium" enables them, or naming one in CHROMIUM';

/** A group of tests that need a browser. Without one they are skipped, and say how to enable them. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (executablePath !== undefined) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`Skipped the tests of ${name}: ${HOW_TO_ENABLE}.\n`);
  describe.skip(`${name} (${HOW_TO_ENABLE})`, tests);
}

/** @throws Error when this machine has no Chromium. */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`Expected a browser; ${HOW_TO_ENABLE}.`);
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

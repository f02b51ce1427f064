import { describe } from 'vitest';
import { HOW_TO_ENABLE, hasBrowser } from './browser.ts';

/** A group of tests that need a browser. Without one they are skipped, and say how to enable them. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (hasBrowser) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`Skipped the tests of ${name}: ${HOW_TO_ENABLE}.\n`);
  describe.skip(`${name} (${HOW_TO_ENABLE})`, tests);
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from './errors.ts';

/** The directory of the checkout that this program runs from: the nearest one above it with a `package.json`. */
export function checkoutDirectory(): string {
  let directory = import.meta.dirname;
  while (!existsSync(path.join(directory, 'package.json')) && path.dirname(directory) !== directory) {
    directory = path.dirname(directory);
  }
  return directory;
}

/**
 * For commands that run the stack on this machine: they synthesize it from its sources and need the emulators, neither of which the installed
 * package has.
 *
 * @throws UsageError when this program does not stand in a checkout.
 */
export function needCheckout(command: string): void {
  if (existsSync(path.join(checkoutDirectory(), 'infra', 'app.ts'))) return;
  throw new UsageError(
    `"${command}" needs a checkout of upload-ledger, with its sources and emulators; the installed package has neither: clone it, then "npm ci && npm start"`,
  );
}

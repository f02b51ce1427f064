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

/** Whether this program runs from a checkout, and not from the installed package. */
export function isCheckout(): boolean {
  return existsSync(path.join(checkoutDirectory(), 'infra', 'app.ts'));
}

/** The end of an error for whoever has no ledger on AWS. The installed package cannot start one here. */
export function localStackHint(): string {
  return isCheckout() ? '; "npm start" starts a ledger on this machine' : '';
}

/**
 * For commands that run or synthesize the stack: they need its sources and the emulators, which the installed package
 * has not.
 *
 * @throws UsageError when this program is not in a checkout.
 */
export function needCheckout(command: string): void {
  if (isCheckout()) return;
  throw new UsageError(
    `"${command}" needs a checkout of upload-ledger, with its sources and emulators; the installed package has neither: clone it, then "npm ci && npm start"`,
  );
}

import { existsSync } from 'node:fs';
import path from 'node:path';

/** The directory of the checkout that this program runs from: the nearest one above it with a `package.json`. */
export function checkoutDirectory(): string {
  let directory = import.meta.dirname;
  while (!existsSync(path.join(directory, 'package.json')) && path.dirname(directory) !== directory) {
    directory = path.dirname(directory);
  }
  return directory;
}

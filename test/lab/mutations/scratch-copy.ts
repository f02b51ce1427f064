import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const PROJECT = path.resolve(import.meta.dirname, '../../..');
/** What a copy does without: made from the rest, or shared. */
const LEFT_OUT = new Set(['node_modules', '.git', '.cache', 'cdk.out', 'dist']);

const COPYING = { recursive: true, filter: (file: string) => !LEFT_OUT.has(path.basename(file)) } as const;

/** A copy of the working tree in which code can be broken, with the project's own packages. */
export class ScratchCopy {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'upload-ledger-mutations-'));

  constructor() {
    for (const name of readdirSync(PROJECT)) {
      if (!LEFT_OUT.has(name)) cpSync(path.join(PROJECT, name), path.join(this.directory, name), COPYING);
    }
    symlinkSync(path.join(PROJECT, 'node_modules'), path.join(this.directory, 'node_modules'), 'dir');
  }

  /**
   * Replaces `find` in a file for as long as `work` goes on.
   *
   * @throws Error when it does not stand there exactly once.
   */
  async without<T>(change: Change, work: () => Promise<T>): Promise<T> {
    const file = path.join(this.directory, change.file);
    const text = readFileSync(file, 'utf8');
    const places = text.split(change.find).length - 1;
    if (places !== 1) {
      throw new Error(`Expected ${JSON.stringify(change.find)} once in ${change.file}, found it ${places} times.`);
    }
    writeFileSync(
      file,
      text.replace(change.find, () => change.replace),
    );
    try {
      return await work();
    } finally {
      writeFileSync(file, text);
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Change {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

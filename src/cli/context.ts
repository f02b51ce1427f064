import type { ConnectionOptions, OpenLedger } from './connection.ts';
import type { Output } from './output/output.ts';

/** What a command has of the world: everything that a test replaces. */
export interface CliContext {
  /** Answers. */
  readonly stdout: Output;
  /** Errors, notes and progress. */
  readonly stderr: Output;
  readonly now: () => Date;
  /** Aborted by Ctrl-C, and when nobody reads stdout any more. */
  readonly signal: AbortSignal;
  /** Finds the ledger and opens it. */
  readonly connect: (options: ConnectionOptions) => Promise<OpenLedger>;
  /** Asks the user a question on the terminal. Absent where nobody can answer. */
  readonly ask?: (question: string) => Promise<string>;
  /** 0: done. 1: the command's question is answered "no". 2: it could not be answered in full. A command sets it before it ends. */
  exitCode: 0 | 1 | 2;
}

/** DynamoDB in this process; the package has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Directory of the LevelDB store. @default in memory */
    readonly path?: string;
    /** Milliseconds that a table stays in CREATING. @default 500 */
    readonly createTableMs?: number;
    readonly updateTableMs?: number;
    readonly deleteTableMs?: number;
  }

  /** A server that does not listen yet. Its `close` closes the store too. */
  export default function dynalite(options?: DynaliteOptions): Server;
}

import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Fewer rounds: under a minute. */
  readonly quick: boolean;
  /** File for the results as JSON. */
  readonly json?: string;
  /** Whether the charts and the tables of the documents are written anew, from this run. */
  readonly docs: boolean;
  /** Directory for a CPU profile of each handler's process; measures nothing worth keeping. */
  readonly profile?: string;
}

export const USAGE = `npm run lab -- bench [--quick] [--json FILE] [--docs] [--profile DIRECTORY]`;

/** @throws TypeError for arguments that are not in {@link USAGE}. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      json: { type: 'string' },
      docs: { type: 'boolean' },
      profile: { type: 'string' },
    },
  });
  const { quick = false, docs = false, ...files } = values;
  return { quick, docs, ...files };
}

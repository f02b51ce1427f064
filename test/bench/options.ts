import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Fewer rounds: under a minute. */
  readonly quick: boolean;
  /** File for the results as JSON. */
  readonly json?: string;
  /** Directory for the charts. */
  readonly charts?: string;
  /** Directory for a CPU profile of each handler's process; measures nothing worth keeping. */
  readonly profile?: string;
}

export const USAGE = `npm run bench -- [--quick] [--json FILE] [--charts DIRECTORY] [--profile DIRECTORY]`;

/** @throws TypeError for arguments that are not in {@link USAGE}. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      json: { type: 'string' },
      charts: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const { quick = false, ...files } = values;
  return { quick, ...files };
}

import { parseArgs } from 'node:util';

export const USAGE = `npm run lab -- chaos [--uploads N] [--seed S | --seeds A-B] [--minutes M] [--schedule FILE] [--no-shrinking]

  --uploads N      uploads in each run (default 1000, at least 100)
  --seed S         what is uploaded and what goes wrong (default 1)
  --seeds A-B      one run for each of these seeds, each told in a line, until one fails
  --minutes M      go on with the seeds after S until so many minutes are over (default: one run)
  --schedule FILE  a schedule that a failed run has printed, instead of a drawn one
  --no-shrinking   when something is wrong, do not look for the least trouble that does it`;

export interface ChaosArguments {
  readonly uploads: number;
  /** Of the first run. */
  readonly seed: number;
  /** Of the last run that there is in any case. */
  readonly lastSeed: number;
  readonly minutes: number;
  readonly schedule?: string;
  readonly shrinking: boolean;
}

/** @throws TypeError for arguments that are not in {@link USAGE}. */
export function readArguments(args: readonly string[]): ChaosArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      uploads: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      minutes: { type: 'string', default: '0' },
      schedule: { type: 'string' },
      'no-shrinking': { type: 'boolean', default: false },
    },
  });
  const [first, last] = seedsOf(values.seeds ?? `${values.seed}-${values.seed}`);
  return {
    uploads: wholeNumber(values.uploads, 'uploads', 100),
    seed: first,
    lastSeed: last,
    minutes: wholeNumber(values.minutes, 'minutes', 0),
    shrinking: !values['no-shrinking'],
    ...(values.schedule !== undefined && { schedule: values.schedule }),
  };
}

function seedsOf(text: string): readonly [first: number, last: number] {
  const [from = '', to = '', ...rest] = text.split('-');
  const first = wholeNumber(from, 'seed', 0);
  const last = wholeNumber(to, 'seed', first);
  if (rest.length > 0) throw new TypeError(`Expected --seeds to be such as 1-20, got ${text}.`);
  return [first, last];
}

function wholeNumber(text: string, name: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least) throw new TypeError(`Expected --${name} to be a whole number from ${least}, got ${text}.`);
  return value;
}

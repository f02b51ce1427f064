/**
 * `npm run lab -- chaos`: uploads to a local stack in which everything goes wrong that can, and proves that the ledger holds what it must. Exits
 * with 1 when it does not, after looking for the least trouble that does the harm.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureAssembly } from '../../src/local/assembly.ts';
import { type Fault, kindsAt, PLACES } from '../system/chaos/faults/fault-kinds.ts';
import { drawnSchedule, listedSchedule, type Schedule } from '../system/chaos/faults/schedule.ts';
import { shrink } from '../system/chaos/faults/shrink.ts';
import { reportLine, reportLines, totalFaults, violationLines } from '../system/chaos/report.ts';
import { type ChaosResult, runChaos } from '../system/chaos/run-chaos.ts';
import type { Violation } from '../system/chaos/violation.ts';
import { readArguments, USAGE } from './chaos-options.ts';

/** How notifications arrive: up to 30 others overtake one, one in ten comes twice, one in two is hidden for up to two seconds. */
const NOTIFICATION_FAULTS = { shuffle: 30, duplicate: 0.1, delay: 2 } as const;
/** Uploads from which on every kind of fault is bound to strike, and a thousand of them. */
const FULL_RUN = 4_000;
const LEAST_FAULTS = 1_000;
const LEAST_UPLOADS = 100;
/** Minutes after which no further try is made to find less trouble. */
const SHRINKING = 5;

/**
 * Ten receives instead of 468, so that some messages use them up: with 468 none does, and the redrive at the end has nothing to move.
 * The run also ends sooner: seed 1 with 150 uploads took 137 s instead of 234 s.
 */
const FEW_RECEIVES = { retryHours: '1', timeoutSeconds: '60' } as const;

const options = argumentsOrExit();
const assemblyDirectory = await ensureAssembly({
  outputDirectory: path.resolve(import.meta.dirname, '../../.cache/assembly-chaos'),
  context: FEW_RECEIVES,
});
const endsAt = Date.now() + options.minutes * 60_000;
let { seed } = options;
do {
  const violations = await runOne(seed);
  if (violations > 0) process.exitCode = 1;
  seed += 1;
} while ((seed <= options.lastSeed || Date.now() < endsAt) && process.exitCode !== 1);

async function runOne(runSeed: number): Promise<number> {
  const result = await run(options.uploads, runSeed, scheduleFor(runSeed));
  const violations = [...result.violations, ...weaknesses(result)];
  const verdict = `seed ${runSeed}, ${options.uploads} uploads: ${violations.length === 0 ? 'as it must be' : 'VIOLATED'}`;
  const isOneOfMany = options.seed < options.lastSeed && violations.length === 0;
  print(isOneOfMany ? `${verdict}, ${reportLine(result)}` : verdict, ...(isOneOfMany ? [] : reportLines(result)));
  if (violations.length === 0) return 0;
  print(...violationLines({ ...result, violations }));
  if (result.violations.length > 0 && options.shrinking) await findLess(runSeed, result.struck);
  return violations.length;
}

function run(uploads: number, runSeed: number, schedule: Schedule): Promise<ChaosResult> {
  return runChaos({ assemblyDirectory, uploads, seed: runSeed, schedule, notificationFaults: NOTIFICATION_FAULTS });
}

/** A full run that meets too little trouble proves too little. */
function weaknesses({ counts }: Pick<ChaosResult, 'counts'>): readonly Violation[] {
  if (options.uploads < FULL_RUN || options.schedule !== undefined) return [];
  const total = totalFaults({ counts });
  const absent = PLACES.flatMap((place) => kindsAt(place).map(([kind]) => `${place}: ${kind}`)).filter(
    (kind) => (counts.get(kind) ?? 0) === 0,
  );
  return [
    ...absent.map((kind) => ({ what: `no fault of the kind ${kind} struck` })),
    ...(total < LEAST_FAULTS ? [{ what: `${total} faults struck, fewer than ${LEAST_FAULTS}` }] : []),
  ];
}

async function findLess(runSeed: number, faults: readonly Fault[]): Promise<void> {
  print('Looking for less trouble that does the same harm...');
  const until = Date.now() + SHRINKING * 60_000;
  const least = await shrink(
    { uploads: options.uploads, faults },
    {
      fails: async (trouble) => {
        const { violations } = await run(trouble.uploads, runSeed, listedSchedule(trouble.faults));
        print(`  ${trouble.uploads} uploads, ${trouble.faults.length} faults: ${violations.length} violations`);
        return violations.length > 0;
      },
      leastUploads: LEAST_UPLOADS,
      mayTry: () => Date.now() < until,
    },
  );
  print(`The least that was found, with --uploads ${least.uploads} --seed ${runSeed} --schedule FILE:`);
  print(JSON.stringify(least.faults));
}

function scheduleFor(runSeed: number): Schedule {
  if (options.schedule === undefined) return drawnSchedule(runSeed);
  return listedSchedule(JSON.parse(readFileSync(options.schedule, 'utf8')) as Fault[]);
}

function argumentsOrExit() {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return process.exit(2);
  }
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

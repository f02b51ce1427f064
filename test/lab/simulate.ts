/**
 * `npm run lab -- simulate`: runs the product's own code on a virtual clock, and checks what it promises. Exits with 1 when a promise is
 * broken that the list of known violations does not tell of, after looking for the shortest plan that breaks it.
 */
import { formatDuration, formatNumberOf } from '../../src/shared/format.ts';
import { isKnown } from '../system/simulation/plans/known-violations.ts';
import type { Plan } from '../system/simulation/plans/plan.ts';
import { shrinkPlan } from '../system/simulation/plans/shrink-plan.ts';
import { planLines, reportLines, violationLines } from '../system/simulation/report.ts';
import { type SimulationReport, simulate } from '../system/simulation/simulate.ts';
import { readArguments, type SimulateArguments, USAGE } from './simulate-options.ts';

/** Runs to find the shortest plan with. */
const MAX_TRIES = 100;

const options = argumentsOrExit();
if (options.help) print(USAGE);
else if (options.showPlan)
  print(JSON.stringify(options.plans.length === 1 ? options.plans[0] : options.plans, null, 2));
else {
  for (const plan of options.plans) {
    const isRight = await runOne(plan);
    if (!isRight) process.exitCode = 1;
    if (!isRight) break;
  }
}

/** @returns Whether everything was as it must be, or as it is known to be. */
async function runOne(plan: Plan): Promise<boolean> {
  const startedAt = performance.now();
  const report = await simulate(plan);
  const milliseconds = performance.now() - startedAt;
  const unknown = report.violations.filter((violation) => !isKnown(violation));
  if (options.json) print(JSON.stringify(toJson(plan, report, unknown.length, milliseconds)));
  else print(...linesOf(plan, report, unknown.length, milliseconds));
  const isSame = await repeats(plan, report.traceHash);
  const [first] = unknown;
  if (first === undefined) return isSame;
  if (options.shrinking && !options.json) await findShortest(plan, first);
  return false;
}

function linesOf(plan: Plan, report: SimulationReport, unknown: number, milliseconds: number): string[] {
  const verdict = unknown > 0 ? 'VIOLATED' : report.violations.length > 0 ? 'as it is known to be' : 'as it must be';
  const title = `seed ${plan.seed}: ${verdict}`;
  const counts = `${formatNumberOf(report.uploads, 'upload')}, ${formatDuration(milliseconds)}, trace ${report.traceHash}`;
  if (options.plans.length > 1 && unknown === 0) return [`${title}, ${counts}`];
  return [title, ...planLines(plan), ...reportLines(report, milliseconds), ...violationLines(report)];
}

function toJson({ seed }: Plan, report: SimulationReport, unknown: number, milliseconds: number) {
  const { violations, histories: _, faults, ...counts } = report;
  return {
    seed,
    ...counts,
    faults: Object.fromEntries(faults),
    milliseconds: Math.round(milliseconds),
    unknown,
    violations,
  };
}

/** Runs the plan again as often as was asked for. @returns Whether all runs left the same trace. */
async function repeats(plan: Plan, expected: string): Promise<boolean> {
  if (options.repeat === 1) return true;
  for (let run = 2; run <= options.repeat; run += 1) {
    const { traceHash } = await simulate(plan);
    if (traceHash === expected) continue;
    print(`  DIFFERENT    run ${run} left the trace ${traceHash}`);
    return false;
  }
  print(`  repeated     ${options.repeat} runs left the same trace`);
  return true;
}

async function findShortest(plan: Plan, violation: SimulationReport['violations'][number]): Promise<void> {
  print('Looking for the shortest plan that breaks the same promise...');
  const violations = async (smaller: Plan) => (await simulate(smaller)).violations;
  const shortest = await shrinkPlan(plan, violation, { violations, maxTries: MAX_TRIES });
  const report = await simulate(shortest);
  print(...planLines(shortest), ...violationLines(report), `  trace        ${report.traceHash}`);
  print('The plan, for --plan FILE:', JSON.stringify(shortest));
}

function argumentsOrExit(): SimulateArguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return process.exit(2);
  }
}

function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

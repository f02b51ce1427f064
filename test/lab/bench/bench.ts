/**
 * `npm run lab -- bench`: runs the function beside what people would otherwise write, against a stub of DynamoDB on
 * this machine, and prints how they compare. Exits with 1 when a target of the table is missed beyond the scatter of the
 * rounds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { optionsOrExit } from '../tool-options.ts';
import { BenchWorld } from './bench-world.ts';
import { buildSubjects } from './build/build-subjects.ts';
import { describeMachine } from './machine.ts';
import { writeCharts } from './report/charts.ts';
import { updateDocuments } from './report/documents.ts';
import { render } from './report/print.ts';
import { comparisonOf, samplesOf, toRatios } from './report/ratios.ts';
import { judge, missedText } from './report/verdict.ts';
import { FULL, QUICK } from './schedule.ts';
import { measureAll } from './sections/all.ts';
import { estimateCosts } from './sections/cost.ts';
import { makeCertificate } from './stub/certificate.ts';
import { startStub } from './stub/start-stub.ts';

const options = optionsOrExit('npm run lab -- bench [--quick] [--json FILE] [--docs] [--profile DIRECTORY]', {
  quick: false,
  /** File for the results as JSON. */
  json: undefined,
  /** Whether the charts and the tables of the documents are written anew, from this run. */
  docs: false,
  /** Directory for a CPU profile of each handler's process; measures nothing worth keeping. */
  profile: undefined,
});
const machine = describeMachine();
const directory = mkdtempSync(path.join(os.tmpdir(), 'upload-ledger-bench-'));
const started = performance.now();

/** On standard error, so that standard output holds the report alone. */
function progress(what: string): void {
  process.stderr.write(`${((performance.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);
}

progress('bundling');
const built = buildSubjects(directory);
const certificate = makeCertificate(directory);
using stub = await startStub(certificate);
const world = new BenchWorld(directory, built, stub, certificate);
const profiled = (name: string) =>
  options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.join(options.profile, name)}`];

const measured = await measureAll(world, options.quick ? QUICK : FULL, progress, profiled);
const main = comparisonOf(measured, 100, 5, 0);
const costs = estimateCosts(
  samplesOf(main, 'ours'),
  samplesOf(main, 'with-digests'),
  samplesOf(main, 'naive'),
  measured.stored,
);
const ratios = toRatios(measured, built.report, costs);

process.stdout.write(render(machine, built.subjects, measured, costs, ratios));
if (options.json !== undefined) {
  const medians = Object.fromEntries(ratios.map(({ name, spread }) => [name, spread?.median ?? null]));
  const spreads = Object.fromEntries(ratios.map(({ name, spread, target }) => [name, { ...spread, target }]));
  const { stored: _, ...numbers } = measured;
  const result = { machine, quick: options.quick, ratios: medians, spreads, costs, ...numbers };
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}
if (options.docs) {
  writeCharts(built.subjects, measured);
  updateDocuments({ quick: options.quick, machine, subjects: built.subjects, measured, costs, ratios });
}
rmSync(directory, { recursive: true, force: true });
const missed = judge(ratios).filter(({ verdict }) => verdict === 'missed');
process.stdout.write(`\n${missedText(judge(ratios))}`);
if (missed.length > 0) process.exitCode = 1;
progress('done');

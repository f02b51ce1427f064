import { BUNDLE_BUDGETS, type FunctionBundleReport } from '../../../../infra/bundle/bundle-report.ts';
import type { VariantName } from '../build/cold-variants.ts';
import type { SubjectName } from '../build/subjects.ts';
import type { Measurements } from '../sections/all.ts';
import type { ColdStarts } from '../sections/cold-start.ts';
import type { ComparisonResult, Samples } from '../sections/compare.ts';
import { type Costs, totalOf } from '../sections/cost.ts';
import { ratiosOf, type Spread, spreadOf } from '../statistics.ts';

/** One line of the report. */
export interface Ratio {
  readonly name: string;
  readonly what: string;
  /** Null where there was nothing to compare with. */
  readonly spread: Spread | null;
  /** What the project holds itself to. Absent: it is only shown. */
  readonly target?: Target;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** Ends the name of a ratio of the function with digests, which has the target of the one without. */
export const WITH_DIGESTS = 'WithDigests';

/** Everything that the project promises about its speed and price. */
export function toRatios(measured: Measurements, report: FunctionBundleReport, costs: Costs): readonly Ratio[] {
  const refused = comparisonOf(measured, 3_200, 5, 0.1);
  const [least, most] = [measured.growth[0], measured.growth.at(-1)];
  const constant = (value: number) => spreadOf([value]);
  const cost = totalOf(costs.ours) / totalOf(costs.naive);
  const costWithEmails = totalOf(costs.oursWithDigests) / totalOf(costs.naiveWithEmails);
  const growth = ratiosOf(most?.cpu ?? [], least?.cpu ?? []);
  return [
    ...speedOf('ours', '', measured),
    ...speedOf('with-digests', WITH_DIGESTS, measured),
    ...digestsOf(measured),
    row('callsVsIdeal', 'calls, ideal = 1, 10 % unprocessed', callsVsIdeal(refused), { atMost: 1.15 }),
    row('cpuGrowth', 'CPU a message, 100,000 against 1,000', growth, { atMost: 1.1 }),
    row('startupBytes', 'bytes of JavaScript read at start', constant(report.startupBytes), {
      atMost: BUNDLE_BUDGETS.consumer.startupBytes,
    }),
    row('costVsNaiveWithEmails', 'list cost, naive with emails = 1', constant(costWithEmails), { atMost: 1 / 80 }),
    row('costVsNaive', 'list cost, naive without emails = 1', constant(cost), { atMost: 0.9 }),
  ];
}

/** How fast `subject` is. @param suffix Of the ratios' names. */
function speedOf(subject: 'ours' | 'with-digests', suffix: string, measured: Measurements): readonly Ratio[] {
  const main = comparisonOf(measured, 100, 5, 0);
  const small = comparisonOf(measured, 10, 5, 0);
  const refused = samplesOf(comparisonOf(measured, 100, 5, 0.1), subject).messagesPerSecond;
  const against = (comparison: ComparisonResult, kind: keyof Samples, other: SubjectName) =>
    ratiosOf(samplesOf(comparison, subject)[kind], samplesOf(comparison, other)[kind]);
  const memory = ratiosOf(measured.memory[subject].one, measured.memory.peer.one);
  const speed = (name: string, what: string, spread: Spread | null, target?: Target) =>
    row(`${name}${suffix}`, suffix === '' ? what : `${what}, with digests`, spread, target);
  return [
    speed('throughputVsNaive', 'messages/s, naive = 1', against(main, 'messagesPerSecond', 'naive'), { atLeast: 45 }),
    speed('throughputVsPeer', 'messages/s, peer = 1', against(main, 'messagesPerSecond', 'peer'), { atLeast: 4 }),
    speed('cpuVsPeer100', 'CPU a message, peer = 1, batch 100', against(main, 'cpu', 'peer'), { atMost: 0.16 }),
    speed('cpuVsPeer10', 'CPU a message, peer = 1, batch 10', against(small, 'cpu', 'peer')),
    speed('throughputVsBatchPeer', 'messages/s, batch peer = 1', against(main, 'messagesPerSecond', 'batch-peer'), {
      atLeast: 1.05,
    }),
    speed('cpuVsBatchPeer100', 'CPU a message, batch peer = 1, batch 100', against(main, 'cpu', 'batch-peer'), {
      atMost: 0.9,
    }),
    speed('cpuVsBatchPeer10', 'CPU a message, batch peer = 1, batch 10', against(small, 'cpu', 'batch-peer'), {
      atMost: 0.85,
    }),
    speed('cpuVsFloor', 'CPU a message, floor = 1, batch 100', against(main, 'cpu', 'floor'), { atMost: 2.4 }),
    speed('throughputUnprocessed', 'messages/s, 10 % unprocessed, batch 100', spreadOf(refused), { atLeast: 2_500 }),
    speed('peakMemoryVsPeer', 'peak memory at 6 MB, peer = 1', memory, { atMost: 0.4 }),
    speed(
      'coldStartVsCdkDefault',
      "cold start, CDK's default = 1",
      coldRatio(measured, subject, 'load', 'cdk-default'),
      {
        atMost: 0.6,
      },
    ),
    speed(
      'coldProcessVsPython',
      'whole cold process, Python = 1',
      coldRatio(measured, subject, 'whole', 'naive-python'),
      {
        atMost: 0.36,
      },
    ),
  ];
}

/** What digests cost the function: it with digests against it without. */
function digestsOf(measured: Measurements): readonly Ratio[] {
  const against = (batchSize: number, kind: keyof Samples) => {
    const comparison = comparisonOf(measured, batchSize, 5, 0);
    return { with: samplesOf(comparison, 'with-digests')[kind], without: samplesOf(comparison, 'ours')[kind] };
  };
  const ratio = (batchSize: number, kind: keyof Samples) => {
    const { with: samples, without } = against(batchSize, kind);
    return ratiosOf(samples, without);
  };
  const moreCalls = (batchSize: number) => {
    const { with: samples, without } = against(batchSize, 'calls');
    return spreadOf(samples.map((calls, round) => Math.round((calls - (without[round] ?? 0)) * batchSize)));
  };
  return [
    row('throughputOfDigests', 'messages/s, without digests = 1', ratio(100, 'messagesPerSecond'), { atLeast: 0.93 }),
    row('cpuOfDigests100', 'CPU a message, without digests = 1, batch 100', ratio(100, 'cpu'), { atMost: 1.15 }),
    row('cpuOfDigests10', 'CPU a message, without digests = 1, batch 10', ratio(10, 'cpu'), { atMost: 1.15 }),
    row('callsOfDigests100', 'calls more for digests, batch 100', moreCalls(100), { atMost: 1 }),
    row('callsOfDigests10', 'calls more for digests, batch 10', moreCalls(10), { atMost: 0 }),
  ];
}

/** @throws Error when that was not measured. */
export function comparisonOf(measured: Measurements, batchSize: number, delay: number, unprocessed: number) {
  const found = measured.comparisons.find(
    (one) => one.batchSize === batchSize && one.delay === delay && one.unprocessed === unprocessed,
  );
  if (found === undefined) throw new Error(`Expected a comparison of batches of ${batchSize}; there is none.`);
  return found;
}

/** @throws Error when the handler took no part. */
export function samplesOf(comparison: ComparisonResult, name: SubjectName): Samples {
  const samples = comparison.samples[name];
  if (samples === undefined) throw new Error(`Expected ${name} in the comparison; it took no part.`);
  return samples;
}

/** Calls as if nothing had come back unprocessed: full ones, and one for the rest. One put more is the summary. */
function callsVsIdeal(comparison: ComparisonResult): Spread {
  const ideal = Math.ceil((comparison.batchSize + 1) / 25) / comparison.batchSize;
  return spreadOf(samplesOf(comparison, 'with-digests').calls.map((calls) => calls / ideal));
}

function coldRatio({ cold }: Measurements, subject: VariantName, kind: 'load' | 'whole', other: VariantName) {
  const find = (name: VariantName): ColdStarts | undefined => cold.variants.find((variant) => variant.name === name);
  const [ours, others] = [find(subject), find(other)];
  return ours === undefined || others === undefined ? null : ratiosOf(ours[kind], others[kind]);
}

function row(name: string, what: string, spread: Spread | null, target?: Target): Ratio {
  return { name, what, spread, ...(target !== undefined && { target }) };
}

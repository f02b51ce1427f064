import { BUNDLE_BUDGET, type ConsumerBundleReport } from '../../../../infra/bundle/bundle-report.ts';
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
  /** What the project holds itself to. */
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
}

/** Everything that the project promises about its speed and price. */
export function toRatios(measured: Measurements, report: ConsumerBundleReport, costs: Costs): readonly Ratio[] {
  const main = comparisonOf(measured, 100, 5, 0);
  const small = comparisonOf(measured, 10, 5, 0);
  const refused = comparisonOf(measured, 3_200, 5, 0.1);
  const [least, most] = [measured.growth[0], measured.growth.at(-1)];
  const constant = (value: number): Spread => ({ median: value, minimum: value, maximum: value });
  const cost = totalOf(costs.ours) / totalOf(costs.naive);
  const costWithEmails = totalOf(costs.oursWithDigests) / totalOf(costs.naiveWithEmails);
  return [
    ...speedOf('ours', '', main, small),
    ...speedOf('with-digests', 'WithDigests', main, small),
    row('callsVsIdeal', 'calls, ideal = 1, 10 % unprocessed', callsVsIdeal(refused), { atMost: 1.15 }),
    row('cpuGrowth', 'CPU a message, 100,000 against 1,000', ratiosOf(most?.cpu ?? [], least?.cpu ?? []), {
      atMost: 1.1,
    }),
    row('peakMemoryVsPeer', 'peak memory at 6 MB, peer = 1', memoryVsPeer(measured), { atMost: 0.4 }),
    row('coldStartVsCdkDefault', "cold start, CDK's default = 1", coldRatio(measured, 'load', 'cdk-default'), {
      atMost: 0.6,
    }),
    row('coldProcessVsPython', 'whole cold process, Python = 1', coldRatio(measured, 'whole', 'naive-python'), {
      atMost: 0.36,
    }),
    row('startupBytes', 'bytes of JavaScript read at start', constant(report.startupBytes), {
      atMost: BUNDLE_BUDGET.startupBytes,
    }),
    row('costVsNaiveWithEmails', 'list cost, naive with emails = 1', constant(costWithEmails), {
      atMost: 1 / 80,
    }),
    row('costVsNaive', 'list cost, naive without emails = 1', constant(cost), { atMost: 0.9 }),
  ];
}

/** How fast `subject` is. @param suffix Of the ratios' names. */
function speedOf(
  subject: 'ours' | 'with-digests',
  suffix: string,
  main: ComparisonResult,
  small: ComparisonResult,
): readonly Ratio[] {
  const against = (comparison: ComparisonResult, kind: keyof Samples, other: SubjectName) =>
    ratiosOf(samplesOf(comparison, subject)[kind], samplesOf(comparison, other)[kind]);
  const speed = (name: string, what: string, spread: Spread, target: Ratio['target']) =>
    row(`${name}${suffix}`, suffix === '' ? what : `${what}, with digests`, spread, target);
  return [
    speed('throughputVsNaive', 'messages/s, naive = 1', against(main, 'messagesPerSecond', 'naive'), { atLeast: 45 }),
    speed('throughputVsPeer', 'messages/s, peer = 1', against(main, 'messagesPerSecond', 'peer'), { atLeast: 4 }),
    speed('cpuVsPeer100', 'CPU a message, peer = 1, batch 100', against(main, 'cpu', 'peer'), { atMost: 0.16 }),
    speed('cpuVsPeer10', 'CPU a message, peer = 1, batch 10', against(small, 'cpu', 'peer'), { atMost: 0.27 }),
    speed('throughputVsBatchPeer', 'messages/s, batch peer = 1', against(main, 'messagesPerSecond', 'batch-peer'), {
      atLeast: 1,
    }),
    speed('cpuVsBatchPeer100', 'CPU a message, batch peer = 1, batch 100', against(main, 'cpu', 'batch-peer'), {
      atMost: 0.9,
    }),
    speed('cpuVsBatchPeer10', 'CPU a message, batch peer = 1, batch 10', against(small, 'cpu', 'batch-peer'), {
      atMost: 0.9,
    }),
    speed('cpuVsFloor', 'CPU a message, floor = 1, batch 100', against(main, 'cpu', 'floor'), { atMost: 2.3 }),
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

/** Calls as if nothing had come back unprocessed: full ones, and one for the rest. */
function callsVsIdeal(comparison: ComparisonResult): Spread {
  const ideal = Math.ceil(comparison.batchSize / 25) / comparison.batchSize;
  return spreadOf(samplesOf(comparison, 'ours').calls.map((calls) => calls / ideal));
}

function memoryVsPeer({ memory }: Measurements): Spread {
  return ratiosOf(memory.ours.one, memory.peer.one);
}

function coldRatio({ cold }: Measurements, kind: 'load' | 'whole', other: VariantName): Spread | null {
  const find = (name: VariantName): ColdStarts | undefined => cold.variants.find((variant) => variant.name === name);
  const [ours, others] = [find('ours'), find(other)];
  return ours === undefined || others === undefined ? null : ratiosOf(ours[kind], others[kind]);
}

function row(name: string, what: string, spread: Spread | null, target: Ratio['target']): Ratio {
  return { name, what, spread, target };
}

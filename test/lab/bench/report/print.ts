import type { Subject } from '../build/subjects.ts';
import type { Machine } from '../machine.ts';
import type { Measurements } from '../sections/all.ts';
import type { ComparisonResult } from '../sections/compare.ts';
import { type Cost, type Costs, totalOf } from '../sections/cost.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { Ratio } from './ratios.ts';
import { toNumber, toTable } from './table.ts';
import { toGoal, verdictOf } from './verdict.ts';

/** The whole report as text. */
export function render(
  machine: Machine,
  subjects: readonly Subject[],
  measured: Measurements,
  costs: Costs,
  ratios: readonly Ratio[],
): string {
  return [
    describe(machine),
    'Ratios: medians over rounds, least and most. Missed: three quarters of the rounds do not reach the target',
    toTable(['', 'median', 'minimum', 'maximum', 'target', 'verdict', ''], ratios.map(ratioRow)),
    ...measured.comparisons.flatMap((comparison) => [titleOf(comparison), comparisonTable(comparison, subjects)]),
    'CPU of upload-ledger as messages add up, batches of 1,000, answers at once',
    toTable(
      ['messages', 'us a message'],
      measured.growth.map(({ messages, cpu }) => [toNumber(messages), median(cpu)]),
    ),
    'Peak resident memory in MB, of a new process, after one payload of 3,200 messages, and after more of them where there were more',
    toTable(
      ['', 'one', 'more'],
      Object.entries(measured.memory).map(([name, { one, more }]) => [
        titleFor(name, subjects),
        ...[one, more].map((bytes) => median(bytes.map((value) => value / 1e6))),
      ]),
    ),
    `Cold starts over ${measured.cold.protocol}, in ms: from loading the handler to its first answer, the whole process until then, and CPU`,
    toTable(
      ['', 'load', 'process', 'CPU'],
      measured.cold.variants.map(({ title, load, whole, cpu }) => [title, median(load), median(whole), median(cpu)]),
    ),
    'List cost of a million uploads in US dollars, base table only',
    costTable(costs),
  ].join('\n');
}

function describe(machine: Machine): string {
  const { processor, cores, memoryGb, system, node, python, loadBefore } = machine;
  return `${cores} x ${processor}, ${memoryGb} GB, ${system}; Node ${node}; Python ${python ?? 'with boto3: none'}; load before: ${loadBefore.toFixed(1)}\n`;
}

function ratioRow(ratio: Ratio): readonly string[] {
  const { name, what, spread, target } = ratio;
  const end = [toGoal(target), verdictOf(ratio) ?? '', what];
  if (spread === null) return [name, '-', '-', '-', ...end];
  return [name, ...[spread.median, spread.minimum, spread.maximum].map(toNumber), ...end];
}

function titleOf({ batchSize, delay, unprocessed, rounds }: ComparisonResult): string {
  return `Batches of ${batchSize}, answers after ${delay} ms, ${unprocessed * 100} % unprocessed (${rounds} rounds)`;
}

function comparisonTable({ samples }: ComparisonResult, subjects: readonly Subject[]): string {
  const rows = subjects.flatMap(({ name, title }) => {
    const found = samples[name];
    if (found === undefined) return [];
    const { messagesPerSecond, cpu, calls, log } = found;
    return [
      [
        title,
        ranged(spreadOf(messagesPerSecond)),
        ranged(spreadOf(cpu)),
        median(calls.map((value) => value * 10_000)),
        median(log),
      ],
    ];
  });
  return toTable(['', 'messages/s', 'CPU us/message', 'calls/10,000', 'log B/message'], rows);
}

function costTable(costs: Costs): string {
  const parts = ['queue', 'table', 'function', 'logs', 'emails'] as const;
  const row = (title: string, cost: Cost) => [
    title,
    ...parts.map((part) => cost[part].toFixed(3)),
    totalOf(cost).toFixed(3),
  ];
  return toTable(
    ['', ...parts, 'total'],
    [
      row('upload-ledger', costs.ours),
      row('Naive', costs.naive),
      row('upload-ledger, a digest a day', costs.oursWithDigests),
      row('Naive, an email each', costs.naiveWithEmails),
    ],
  );
}

function titleFor(name: string, subjects: readonly Subject[]): string {
  return subjects.find((subject) => subject.name === name)?.title ?? name;
}

function median(values: readonly number[]): string {
  return toNumber(spreadOf(values).median);
}

function ranged(spread: Spread): string {
  return `${toNumber(spread.median)} (${toNumber(spread.minimum)}..${toNumber(spread.maximum)})`;
}

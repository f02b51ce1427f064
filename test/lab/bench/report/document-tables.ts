import type { Subject } from '../build/subjects.ts';
import type { Machine } from '../machine.ts';
import type { Measurements } from '../sections/all.ts';
import { type Cost, type Costs, totalOf } from '../sections/cost.ts';
import { spreadOf } from '../statistics.ts';
import { comparisonOf, type Ratio, WITH_DIGESTS } from './ratios.ts';
import { toNumber } from './table.ts';
import { type JudgedRow, judge, missedText, toGoal } from './verdict.ts';

/** One run of the bench. */
export interface Run {
  /** With fewer rounds, and fewer comparisons. */
  readonly quick: boolean;
  readonly machine: Machine;
  readonly subjects: readonly Subject[];
  readonly measured: Measurements;
  readonly costs: Costs;
  readonly ratios: readonly Ratio[];
}

const HEADLINES = [
  'throughputVsPeer',
  'cpuVsPeer100',
  'throughputVsBatchPeer',
  'cpuVsBatchPeer100',
  'cpuVsBatchPeer10',
];

/** The figures of `docs/performance.md`, by the name of their place. */
export function performanceTables(run: Run): Readonly<Record<string, string>> {
  return {
    ratios: ratios(run),
    missed: missedText(judge(run.ratios)),
    subjects: subjects(run),
    sizes: sizes(run),
    cold: cold(run),
    cost: cost(run),
  };
}

/** The ratios that the README names, and what was missed of them. */
export function readmeTables({ ratios: all }: Run): Readonly<Record<string, string>> {
  const headlines = judge(all.filter(({ name }) => HEADLINES.includes(name.replace(WITH_DIGESTS, ''))));
  return { ratios: ratioTable(headlines), missed: missedText(headlines) };
}

function ratios({ quick, machine, ratios: all }: Run): string {
  const { processor, cores, memoryGb, system, node, python, loadBefore } = machine;
  const tools = `Node ${node}, Python ${python ?? 'without boto3'}`;
  const on = `${quick ? 'A quick run' : 'Measured'} on ${cores} cores of ${processor}, ${memoryGb} GB, ${system}, ${tools}`;
  return `${on}; load average ${loadBefore.toFixed(1)} before the run.\n\n${ratioTable(judge(all))}`;
}

function ratioTable(rows: readonly JudgedRow[]): string {
  return table(
    ['', 'With digests', 'Without', 'Middle half of the rounds', 'Held to', ''],
    rows.map(({ what, judged: { spread, target }, without, verdict }) => [
      what,
      median(spread),
      median(without?.spread ?? null),
      spread === null || spread.minimum === spread.maximum
        ? ''
        : `${toNumber(spread.lowerQuartile)} to ${toNumber(spread.upperQuartile)}`,
      toGoal(target),
      verdict === 'missed' ? '**missed**' : (verdict ?? ''),
    ]),
  );
}

function subjects({ measured, subjects: all }: Run): string {
  const { samples } = comparisonOf(measured, 100, 5, 0);
  const rows = all.flatMap(({ name, title }) => {
    const found = samples[name];
    if (found === undefined) return [];
    const values = [found.messagesPerSecond, found.cpu, found.calls.map((calls) => calls * 10_000), found.log];
    return [[title, ...values.map((value) => median(spreadOf(value)))]];
  });
  return table(['', 'Messages/s', 'CPU, µs a message', 'Calls for 10,000', 'Log, bytes a message'], rows);
}

function sizes({ measured }: Run): string {
  const rows = [10, 100, 1_000, 3_200].map((batchSize) => {
    const { samples } = comparisonOf(measured, batchSize, 5, 0);
    const cpu = (['peer', 'batch-peer', 'floor', 'ours', 'with-digests'] as const).map((name) => samples[name]?.cpu);
    return [
      batchSize.toLocaleString('en'),
      ...cpu.map((values) => median(values === undefined ? null : spreadOf(values))),
    ];
  });
  return table(
    [
      'Messages in a batch',
      'Powertools + PutCommand',
      'Powertools + BatchWriteCommand',
      'Hand-signed floor',
      'upload-ledger',
      'upload-ledger with digests',
    ],
    rows,
  );
}

function cold({ measured }: Run): string {
  const { protocol, variants } = measured.cold;
  const rows = variants.map(({ title, load, whole, cpu }) => [
    title,
    ...[load, whole, cpu].map((values) => median(spreadOf(values))),
  ]);
  return table([`Over ${protocol}, in ms`, 'From loading to the first answer', 'Whole process', 'CPU'], rows);
}

function cost({ costs }: Run): string {
  const parts = ['queue', 'table', 'function', 'logs', 'emails'] as const;
  const row = (title: string, of: Cost) => [title, ...parts.map((part) => of[part]), totalOf(of)];
  const rows = [
    row('upload-ledger', costs.ours),
    row('Naive', costs.naive),
    row('upload-ledger, a digest a day', costs.oursWithDigests),
    row('Naive, an email each', costs.naiveWithEmails),
  ];
  return table(
    ['US dollars a million uploads', ...parts, 'total'],
    rows.map((cells) => cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(3) : cell))),
  );
}

function median(spread: { readonly median: number } | null): string {
  return spread === null ? '' : toNumber(spread.median);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const rule = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [header, rule, ...rows].map(line).join('');
}

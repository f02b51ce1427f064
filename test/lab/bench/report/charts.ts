import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Subject } from '../build/subjects.ts';
import type { Measurements } from '../sections/all.ts';
import type { Samples } from '../sections/compare.ts';
import { spreadOf } from '../statistics.ts';
import { type Bar, type Chart, renderChart } from './chart.ts';
import { comparisonOf } from './ratios.ts';
import { toNumber } from './table.ts';

const DIRECTORY = path.resolve(import.meta.dirname, '../../../../docs/images');

/** Writes the charts of `docs/performance.md` beside it, as `performance-*.svg`. */
export function writeCharts(subjects: readonly Subject[], measured: Measurements): void {
  const write = (name: string, chart: Chart) =>
    writeFileSync(path.join(DIRECTORY, `performance-${name}.svg`), renderChart(chart));
  const main = comparisonOf(measured, 100, 5, 0);
  const bars = (kind: keyof Samples) =>
    subjects.flatMap(({ name, title }) => {
      const values = main.samples[name]?.[kind];
      return values === undefined ? [] : [toBar(title, values, isOurs(name))];
    });
  const conditions = 'batches of 100, DynamoDB answers after 5 ms; the line spans all rounds';
  write('throughput', {
    title: 'Messages a second, one warm environment',
    subtitle: `More is better: ${conditions}`,
    bars: bars('messagesPerSecond'),
    format: toNumber,
  });
  write('cpu', {
    title: 'CPU a message, in microseconds',
    subtitle: `Less is better: ${conditions}`,
    bars: bars('cpu'),
    format: toNumber,
  });
  write('cold-start', {
    title: 'Cold start, in milliseconds',
    subtitle: `Less is better: from loading the handler to its first answer over ${measured.cold.protocol}`,
    bars: measured.cold.variants.map(({ title, load, name }) => toBar(title, load, isOurs(name))),
    format: toNumber,
  });
  write('memory', {
    title: 'Peak resident memory, in MB',
    subtitle: 'Less is better: one payload of 6 MB, 3,200 messages, in a new process',
    bars: subjects.flatMap(({ name, title }) => {
      const bytes = Object.entries(measured.memory).find(([measuredName]) => measuredName === name)?.[1].one;
      return bytes === undefined
        ? []
        : [
            toBar(
              title,
              bytes.map((one) => one / 1e6),
              isOurs(name),
            ),
          ];
    }),
    format: toNumber,
  });
}

function isOurs(name: string): boolean {
  return name === 'ours' || name === 'with-digests';
}

function toBar(label: string, values: readonly number[], isOurs: boolean): Bar {
  const { median: value, minimum, maximum } = spreadOf(values);
  return { label, value, minimum, maximum, isOurs };
}

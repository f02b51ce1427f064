/**
 * `npm run lab -- soak [--uploads N] [--seed S]`: a long burst through the whole local stack, with nothing going wrong, to see that it drains and
 * that the function's memory does not grow. Exits with 1 when an upload is missing, a record unexpected, or the memory has grown.
 */
import path from 'node:path';
import { planDemo } from '../../../src/cli/demo/plan.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import { ensureAssembly } from '../../../src/local/assembly.ts';
import { startLocalStack } from '../../../src/local/stack.ts';
import { optionsOrExit } from '../tool-options.ts';
import { percentile } from './percentiles.ts';
import { environmentMemory } from './resident-memory.ts';

/** Messages after which the memory is what later memory is held against, and by how much it may grow. */
const SETTLED = 10_000;
const MOST_GROWTH = 1.2;

const { uploads, seed } = optionsOrExit('npm run lab -- soak [--uploads N] [--seed S]', { uploads: 100_000, seed: 1 });
const assemblyDirectory = await ensureAssembly({
  outputDirectory: path.resolve(import.meta.dirname, '../../../.cache/assembly-chaos'),
});

const sizes: number[] = [];
const durations: number[] = [];
const memory = { messages: 0, settled: 0, end: 0 };
/** The memory of the environments each time so many messages more are done: whether it climbs, or has only not been collected. */
const course: { readonly messages: number; readonly environments: readonly number[] }[] = [];
const stack = await startLocalStack({
  assemblyDirectory,
  notificationFaults: { seed, shuffle: 20, duplicate: 0.01 },
  onBatch: ({ size, durationMs }) => {
    sizes.push(size);
    durations.push(durationMs);
    memory.messages += size;
    memory.end = mean(environmentMemory());
    if (memory.settled === 0 && memory.messages >= SETTLED) memory.settled = memory.end;
    if (memory.messages >= (course.length + 1) * SETTLED)
      course.push({ messages: memory.messages, environments: environmentMemory() });
  },
});
try {
  let done = 0;
  const onStep = () => {
    done += 1;
    if (done % 5_000 === 0) process.stderr.write(`${done} uploaded, ${memory.messages} messages processed\n`);
  };
  const { summary } = await runDemo(stack, planDemo(uploads, seed), { onStep });
  const { missing, unexpected, misordered, quarantined, drainSeconds, batches, peakMemoryBytes } = summary;
  const growth = memory.settled === 0 ? 1 : memory.end / memory.settled;
  const result = {
    uploads,
    recorded: summary.recorded,
    missing,
    unexpected,
    misordered,
    quarantined,
    batches,
    seconds: drainSeconds,
    uploadsASecond: Math.round(uploads / drainSeconds),
    batchSizes: spread(sizes),
    batchMilliseconds: spread(durations),
    recordingDelay: delays(),
    environments: environmentMemory().length,
    environmentBytesAt10000: Math.round(memory.settled),
    environmentBytesAtEnd: Math.round(memory.end),
    environmentMegabytes: course.map(({ messages, environments }) => {
      return `${messages}: ${environments.map((bytes) => Math.round(bytes / 1e6)).join(' ')}`;
    }),
    growth: Math.round(growth * 1000) / 1000,
    peakBytesOfStack: peakMemoryBytes,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (missing + unexpected > 0 || growth > MOST_GROWTH) process.exitCode = 1;
} finally {
  await stack.close();
}

/** Milliseconds from the event to the record, as the function's own metric says, over all buckets and categories. */
function delays() {
  const series = stack.metrics.list().filter(({ name }) => name === 'RecordingDelay');
  const worst = (statistic: 'p50' | 'p90' | 'p99' | 'Maximum') =>
    Math.round(Math.max(...series.map((metric) => stack.metrics.total({ ...metric, statistic }) ?? 0)));
  return {
    p50: worst('p50'),
    p90: worst('p90'),
    p99: worst('p99'),
    most: worst('Maximum'),
    of: 'the slowest category',
  };
}

function spread(all: readonly number[]) {
  const at = (percent: number) => Math.round(percentile(all, percent));
  return {
    p10: at(10),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    most: Math.round(all.reduce((a, b) => Math.max(a, b), 0)),
  };
}

function mean(all: readonly number[]): number {
  return all.length === 0 ? 0 : all.reduce((sum, one) => sum + one, 0) / all.length;
}

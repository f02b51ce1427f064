import { OVERTAKEN } from './deliveries.ts';
import type { ChaosResult } from './run-chaos.ts';

const MOST_SHOWN = 10;

/** Faults that were injected. That messages overtook others is what came of delays and shuffling, not counted again. */
export function totalFaults({ counts }: Pick<ChaosResult, 'counts'>): number {
  const all = [...counts].filter(([name]) => name !== OVERTAKEN);
  return all.reduce((sum, [, count]) => sum + count, 0);
}

/** The same in few words. */
export function reportLine(result: ChaosResult): string {
  const struck = [...result.counts].filter(([name, count]) => name !== OVERTAKEN && count > 0);
  const [rarest, times] = struck.reduce(
    (least, one) => (one[1] < least[1] ? one : least),
    ['', Number.POSITIVE_INFINITY],
  );
  return (
    `${totalFaults(result)} faults of ${struck.length} kinds (the rarest: ${times} ${rarest}), ` +
    `${result.redriven} redriven, ${result.digests} digests, ${result.seconds.toFixed(0)} s`
  );
}

/** What went wrong on purpose, and what came of it. */
export function reportLines(result: ChaosResult): readonly string[] {
  const counts = [...result.counts].filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  const total = totalFaults(result);
  const rows: readonly (readonly [string, number])[] = [...counts, ['faults in all', total]];
  const width = Math.max(...rows.map(([name]) => name.length));
  const metrics = Object.entries(result.metrics).map(([name, sum]) => `${name} ${Math.round(sum)}`);
  return [
    ...rows.map(([name, count]) => `  ${name.padEnd(width)}  ${String(count).padStart(6)}`),
    `  ${result.records} records, ${result.poison} messages of poison, ${result.redriven} redriven, ${result.digests} digests, ` +
      `${result.logLines} lines of log`,
    `  ${result.seconds.toFixed(0)} s: ${Object.entries(result.parts)
      .map(([part, end]) => `${part} until ${end.toFixed(0)}`)
      .join(', ')}`,
    `  environments: ${result.ends.coldStarts} started, ${result.ends.crashes} died in an invocation, ` +
      `${result.ends.timeouts} timed out`,
    `  ${metrics.join(', ')}`,
  ];
}

/** What is wrong, each with the history of its object. */
export function violationLines({ violations, histories }: ChaosResult): readonly string[] {
  const shown = violations.slice(0, MOST_SHOWN).flatMap(({ object, what }) => {
    const history = object === undefined ? [] : histories.of(object).map((line) => `      ${line}`);
    return [`  ${object === undefined ? '' : `${JSON.stringify(object)} `}${what}`, ...history];
  });
  const more = violations.length - MOST_SHOWN;
  return more > 0 ? [...shown, `  and ${more} more`] : shown;
}

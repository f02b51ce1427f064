import { formatCount, formatDuration, formatNumberOf } from '../../../src/shared/format.ts';
import { DAY_MS, HOUR_MS } from '../../../src/shared/time.ts';
import type { Violation } from './checks/violation.ts';
import { KNOWN_VIOLATIONS } from './plans/known-violations.ts';
import type { Plan } from './plans/plan.ts';
import type { SimulationReport } from './simulate.ts';

/** Violations of one promise that are told in full. */
const TOLD = 3;

/** What the plan is, in a few lines. */
export function planLines({ days, isVersioned, workloads, outages = [], noise = {} }: Plan): string[] {
  const kinds = Object.entries(noise).filter(([, share]) => share > 0);
  return [
    ...wrapped(
      'workloads',
      workloads.map(({ kind }) => kind),
    ),
    ...wrapped(
      'trouble',
      kinds.map(([kind, share]) => `${kind} ${Number((share * 100).toFixed(2))} %`),
    ),
    ...wrapped(
      'outages',
      outages.map(
        ({ kind, hours, atHours }) =>
          `${kind} ${formatDuration(hours * HOUR_MS)} after ${formatDuration(atHours * HOUR_MS)}`,
      ),
    ),
    line('bucket', isVersioned ? 'with versions' : 'without versions'),
    line('time', formatDuration(days * DAY_MS)),
  ];
}

/** What happened in the run. @param milliseconds That it took. */
export function reportLines(report: SimulationReport, milliseconds: number): string[] {
  const faults = [...report.faults].sort(([, a], [, b]) => b - a);
  const all = faults.reduce((sum, [, count]) => sum + count, 0);
  return [
    line('uploads', `${formatCount(report.uploads)} of ${formatNumberOf(report.events, 'event')}`),
    line(
      'invocations',
      `${formatCount(report.invocations)}, ${formatNumberOf(report.tableCalls, 'call')} to the table`,
    ),
    line('faults', formatCount(all)),
    ...faults.map(([kind, count]) => `  ${''.padEnd(12)} ${formatCount(count).padStart(7)} ${kind}`),
    line('peak backlog', formatNumberOf(report.peakBacklog, 'message')),
    line('drained', `${formatDuration(report.drainedAfter)} after the last upload or outage`),
    line('dead letters', formatCount(report.deadLetters)),
    line('emails', `${formatNumberOf(report.digests, 'digest')}, ${formatNumberOf(report.alerts, 'alert')}`),
    ...(report.published === 0 ? [] : [line('events', eventsText(report))]),
    line('took', formatDuration(milliseconds)),
    line('trace', report.traceHash),
  ];
}

function eventsText({ published, notPublished }: SimulationReport): string {
  return `${formatCount(published)} on the bus, ${formatCount(notPublished)} given up`;
}

/** Known violations in one line each, all others with the histories of their objects. */
export function violationLines({
  violations,
  histories,
}: Pick<SimulationReport, 'violations' | 'histories'>): string[] {
  const groups = Map.groupBy(violations, ({ promise, because }) => `${promise} ${because ?? ''}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const known = first && knownText(first);
    if (known !== undefined) return wrapped('known', `${known} (${group.length})`.split(' '), '');
    return [
      line('VIOLATED', `${first?.promise} (${group.length})`),
      ...group.slice(0, TOLD).flatMap((one) => told(one, histories)),
    ];
  });
}

function told({ what, object }: Violation, histories: ReadonlyMap<string, readonly string[]>): string[] {
  const history = (object === undefined ? undefined : histories.get(object)) ?? [];
  return [`  - ${object === undefined ? '' : `${object}: `}${what}`, ...history.map((entry) => `      ${entry}`)];
}

function knownText({ promise, because }: Violation): string | undefined {
  return KNOWN_VIOLATIONS.find((known) => known.promise === promise && known.because === because)?.what;
}

function line(name: string, value: string): string {
  return `  ${name.padEnd(12)} ${value}`;
}

/** Columns of a terminal. */
const WIDTH = 80;

/** The pieces behind their name, in as many lines as they need. */
function wrapped(name: string, pieces: readonly string[], separator: ',' | '' = ','): string[] {
  const lines: string[] = [];
  let current = '';
  for (const piece of pieces.length === 0 ? ['none'] : pieces) {
    const longer = `${current}${separator} ${piece}`;
    if (current !== '' && line('', longer).length >= WIDTH) lines.push(`${current}${separator}`);
    current = current === '' || line('', longer).length >= WIDTH ? piece : longer;
  }
  return [...lines, current].map((text, index) => line(index === 0 ? name : '', text));
}

import { completeness, type ReconcileReport } from '../../ledger/reconcile/report.ts';
import { formatCount } from '../../shared/format.ts';
import { writeDetails } from '../output/detail-lines.ts';
import { jsonLine } from '../output/json-line.ts';
import type { Output } from '../output/output.ts';

/** Digits behind the point: one object of ten million still shows. */
const DIGITS = 5;

/** Writes the figures at the end. */
export async function writeReconcileReport(
  report: ReconcileReport,
  { json }: { readonly json?: boolean },
  output: Output,
): Promise<void> {
  const { listed, recorded, missing, different, gone, repaired, recent, expired } = report;
  if (json) {
    const counts = { objects: listed, recorded, missing, different, gone, repaired, too_recent: recent, expired };
    return output.line(jsonLine({ summary: true, ...counts, completeness: completeness(report) }));
  }
  if (missing + different + gone > 0) await output.line('');
  const some = (name: string, count: number): [string, string][] => (count === 0 ? [] : [[name, formatCount(count)]]);
  await writeDetails(output, [
    ['objects', formatCount(listed)],
    ['recorded', formatCount(recorded)],
    ['missing', formatCount(missing)],
    ['different', formatCount(different)],
    ['gone', formatCount(gone)],
    ...some('repaired', repaired),
    ...some('too recent to tell', recent),
    ...some('past the retention', expired),
    ['complete', percentText(completeness(report))],
  ]);
}

/** Never "100 %" for what is not: cut off, not rounded. */
export function percentText(part: number): string {
  const scale = 10 ** DIGITS;
  const percent = Math.floor(part * 100 * scale) / scale;
  return `${percent.toLocaleString('en-US', { maximumFractionDigits: DIGITS })} %`;
}

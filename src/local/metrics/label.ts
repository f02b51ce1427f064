import { UploadLedgerError } from '../../shared/errors.ts';
import { formatShort } from '../../shared/format.ts';
import { AGGREGATES, type TimeSeries } from './evaluate.ts';

/** A part of a label: a text, or what is put in its place for each series. */
type LabelPart = string | ((series: TimeSeries) => string);

/** A label, possibly with values of the series that it names. */
export type Label = readonly LabelPart[];

/** Of the datapoints in the time range. */
const VALUES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  ...AGGREGATES,
  LAST: (values) => values.at(-1) ?? Number.NaN,
};

/**
 * Parses a label of CloudWatch, such as `${PROP('Dim.category')} ${SUM}`.
 *
 * Source: CloudWatch User Guide, "Use dynamic labels".
 *
 * @throws UploadLedgerError `unknown-label` for a value that is not known.
 */
export function parseLabel(text: string): Label {
  return text.split(/(\$\{[^}]*\})/).map((part): LabelPart => {
    if (!part.startsWith('${')) return part;
    const [, dimension] = /^\$\{PROP\('Dim\.(\w+)'\)\}$/.exec(part) ?? [];
    if (dimension !== undefined) return ({ metric }) => metric?.dimensions[dimension] ?? '';
    const value = VALUES[part.slice(2, -1)];
    if (value === undefined) {
      const known = `\${PROP('Dim.NAME')}, ${Object.keys(VALUES).map((name) => `\${${name}}`)}`;
      throw new UploadLedgerError('unknown-label', `expected a label with ${known}; got ${text}`);
    }
    return ({ points }) => (points.size === 0 ? '' : figure(value([...points.values()])));
  });
}

/** The label of a series. */
export function writeLabel(label: Label, series: TimeSeries): string {
  return label.map((part) => (typeof part === 'string' ? part : part(series))).join('');
}

/** From a million on in three digits. */
function figure(value: number): string {
  if (Math.abs(value) >= 1e6) return formatShort(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}

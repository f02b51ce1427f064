import { shortenMiddle } from '../shared/text.ts';
import { NOBODY, OTHER, SUMMARY_GROUPS, type Totals } from './batch-summary.ts';
import { addToGroup } from './totals.ts';

/** Bytes inside a JSON string that a group's name may take. */
const NAME_BYTES = 128;

/**
 * The group of an uploader. One whose own name is that of a group of ours, with any number of backslashes in front,
 * gets one more, so that no two uploaders share a group and none passes for "nobody".
 */
export function uploaderGroup(uploader: string | undefined): string {
  if (uploader === undefined) return NOBODY;
  const name = uploader.replace(/^\\+/, '');
  return name === OTHER || name === NOBODY ? `\\${uploader}` : uploader;
}

/**
 * The {@link SUMMARY_GROUPS} groups with most uploads under their names (shortened when long), all others under
 * {@link OTHER}. Nothing is lost in the sum.
 */
export function boundGroups(groups: ReadonlyMap<string, Totals>): ReadonlyMap<string, Totals> {
  const bounded = new Map<string, Totals>();
  [...groups].sort(mostUploadsFirst).forEach(([name, totals], rank) => {
    addToGroup(bounded, rank < SUMMARY_GROUPS ? shortenMiddle(name, NAME_BYTES) : OTHER, totals);
  });
  return bounded;
}

/** Ties by bytes, then by name, so that the same batch always gives the same summary. */
function mostUploadsFirst([aName, a]: [string, Totals], [bName, b]: [string, Totals]): number {
  // Stryker disable next-line EqualityOperator: no two groups have the same name.
  return b.count - a.count || b.bytes - a.bytes || (aName < bName ? -1 : 1);
}

import { shortenToRead, visibleText } from '../../shared/text.ts';
import { NOBODY, OTHER } from '../summary/batch-summary.ts';

/** UTF-16 units of each value as an email shows it. Three lines of a phone hold the longest. */
const MOST = { key: 120, name: 60 } as const;

/** What an email says instead of a name, in parentheses; see {@link shownName}. */
const SAYS = { nobody: '(unknown)', others: '(all others)' } as const;

/**
 * A key as an email shows it: visible, shortened in the middle, in quotes when spaces at its ends would not be seen.
 */
export function shownKey(key: string): string {
  return shortenToRead(quotedIf(visibleText(key), /^["\s]|\s$|^$/), MOST.key);
}

/**
 * The name of an uploader or a bucket as an email shows it. One that starts with a parenthesis stands in quotes, so
 * that nobody passes for `(unknown)` or `(all others)`.
 */
export function shownName(name: string): string {
  return shortenToRead(quotedIf(visibleText(name), /^[("\s]|\s$|^$/), MOST.name);
}

/** The uploader of one upload. */
export function shownUploader(uploader: string | undefined): string {
  return uploader === undefined ? SAYS.nobody : shownName(uploader);
}

/** The name of a summary's group, without the backslash that tells an uploader of that name from the group. */
export function shownGroup(group: string): string {
  if (group === OTHER) return SAYS.others;
  if (group === NOBODY) return SAYS.nobody;
  const name = group.replace(/^\\+/, '');
  return shownName(name === OTHER || name === NOBODY ? group.slice(1) : group);
}

function quotedIf(text: string, pattern: RegExp): string {
  return pattern.test(text) ? `"${text}"` : text;
}

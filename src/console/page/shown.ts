import { formatBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import type { RecordView } from '../api-types.ts';
import { element } from './dom.ts';

/** Where an object's page is. */
export function objectAddress(bucket: string, key: string): string {
  return `/object?${new URLSearchParams({ bucket, key })}`;
}

/** Where the uploads of one uploader are. */
export function uploaderAddress(uploader: string): string {
  return `/look-up?${new URLSearchParams({ uploader })}`;
}

/** `2026-11-22 10:15:30`, in UTC, as all times of the ledger. */
export function dateTimeText(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

/** A time with its date; where there is no room, it breaks between the two. */
export function timeElement(time: string): HTMLTimeElement {
  const [date = '', clock = ''] = dateTimeText(time).split(' ');
  return element('time', { datetime: time }, element('span', {}, date), ' ', element('span', {}, clock));
}

/** The time of the clock alone: `10:15:30`. */
export function clockElement(time: string): HTMLTimeElement {
  return element('time', { datetime: time, title: `${dateTimeText(time)} UTC` }, time.slice(11, 19));
}

/** What happened: the size of an upload, the status of everything else. */
export function sizeText({ status, filesize }: Pick<RecordView, 'status' | 'filesize'>): string {
  return status === 'uploaded' && filesize !== undefined ? formatBytes(filesize) : status;
}

/** The category as a colour and a word: never as a colour alone. */
export function categoryElement(category: string): HTMLSpanElement {
  return element('span', { class: `category category-${category}` }, category);
}

/**
 * A link to the object. The name stays readable in a narrow column while its folders are cut. Characters that would hide something or
 * turn the text around are written as escapes.
 */
export function keyLink({ s3_bucket, s3_key }: Pick<RecordView, 's3_bucket' | 's3_key'>): HTMLAnchorElement {
  const shown = visibleText(s3_key);
  const split = shown.lastIndexOf('/', shown.length - 2) + 1;
  return element(
    'a',
    // The two parts are boxes beside each other, between which a reader of the screen would put a space.
    { class: 'key', href: objectAddress(s3_bucket, s3_key), title: shown, 'aria-label': shown },
    split > 0 && element('span', { class: 'key-folder' }, shown.slice(0, split)),
    element('span', { class: 'key-name' }, shown.slice(split)),
  );
}

/** Counts for a busy heading: `1,200`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

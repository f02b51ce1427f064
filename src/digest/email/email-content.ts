import { formatBytes, type TimeFormat } from '../../shared/format.ts';
import { shortenText, visibleText } from '../../shared/text.ts';
import { type Mention, OTHER, UNKNOWN } from '../summary/batch-summary.ts';

/** An email ready to be sent: both parts say the same. */
export interface Email {
  /** One line of Unicode without control characters; encoded when it is sent. */
  readonly subject: string;
  /** Lines that end in LF. */
  readonly text: string;
  /** A whole HTML document without images, scripts, links or anything else that is fetched. */
  readonly html: string;
}

/**
 * What an email says, before it is text or HTML: both parts are made from this alone, so they say the same.
 *
 * All values are ready to be shown: sizes and times formatted, texts from events visible and shortened. They are not
 * escaped for HTML.
 */
export interface EmailContent {
  readonly subject: string;
  readonly headline: string;
  /** What the email is and which time it covers, a line each. */
  readonly introduction: readonly string[];
  /** Where to look further. */
  readonly link?: Link | undefined;
  /** What somebody has to know or do, before anything else. */
  readonly notices: readonly Notice[];
  readonly sections: readonly Section[];
  /** Where the email comes from, a line each. */
  readonly closing: readonly string[];
}

export interface Link {
  readonly label: string;
  /** http or https. From the settings, never from an event. */
  readonly url: string;
}

export interface Notice {
  readonly title: string;
  readonly advice: string;
  /** A command to type. */
  readonly command?: string;
}

export type Section = FactsSection | BarsSection | FilesSection;

export interface FactsSection {
  readonly kind: 'facts';
  readonly title: string;
  readonly facts: readonly Fact[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface BarsSection {
  readonly kind: 'bars';
  readonly title: string;
  readonly bars: readonly Bar[];
  /** How to read the figures. */
  readonly note?: string;
}

export interface Bar {
  readonly label: string;
  readonly value: string;
  /** Length of the bar, from 0 to 1. */
  readonly share: number;
}

export interface FilesSection {
  readonly kind: 'files';
  readonly title: string;
  readonly files: readonly FileLine[];
  /** What the list leaves out. */
  readonly note?: string;
}

export interface FileLine {
  readonly key: string;
  /** Size, time, bucket and uploader. */
  readonly details: string;
}

/** In UTF-16 units; the longest takes three lines of a phone. */
const MAX_LENGTH = { key: 120, name: 60 } as const;

/** A key as an email shows it: visible, shortened in the middle, in quotes where spaces at its ends would be missed. */
export function displayKey(key: string): string {
  return shortenText(quoteIf(visibleText(key), /^["\s]|\s$|^$/), MAX_LENGTH.key);
}

/**
 * The name of an uploader or a bucket as an email shows it. One that starts with a parenthesis is in quotes, so that
 * nobody can pass for `(unknown)` or `(all others)`.
 */
export function displayName(name: string): string {
  return shortenText(quoteIf(visibleText(name), /^[("\s]|\s$|^$/), MAX_LENGTH.name);
}

export function displayUploader(uploader: string | undefined): string {
  return uploader === undefined ? UNKNOWN : displayName(uploader);
}

/** The name of a summary's group, without the backslash that tells an uploader of that name from the group. */
export function displayGroup(group: string): string {
  if (group === OTHER) return '(all others)';
  if (group === UNKNOWN) return UNKNOWN;
  const name = group.replace(/^\\+/, '');
  return displayName(name === OTHER || name === UNKNOWN ? group.slice(1) : group);
}

function quoteIf(text: string, pattern: RegExp): string {
  return pattern.test(text) ? `"${text}"` : text;
}

interface MentionLineOptions {
  readonly format: TimeFormat;
  /** Whether the uploads went to several buckets, so that each line has to name its own. */
  readonly withBucket: boolean;
  /** @default true */
  readonly withSize?: boolean;
}

/**
 * One line for each upload: `2.1 GB, 22 Nov 2026, 11:15:30 CET, by alice`. The uploader comes last: text that runs
 * from right to left reorders what follows it.
 */
export function mentionLines(
  mentions: readonly Mention[],
  { format, withBucket, withSize = true }: MentionLineOptions,
): FileLine[] {
  return mentions.map(({ key, filesize, timestamp, bucket, uploader }) => {
    const inBucket = withBucket ? [`in ${displayName(bucket)}`] : [];
    const size = withSize ? [formatBytes(filesize)] : [];
    const details = [...size, format(timestamp), ...inBucket, `by ${displayUploader(uploader)}`];
    return { key: displayKey(key), details: details.join(', ') };
  });
}

/** The link of an email. */
export function linkTo(consoleUrl: string | undefined): Link | undefined {
  return consoleUrl === undefined ? undefined : { label: 'Look further', url: consoleUrl };
}

/**
 * The last lines of every email.
 *
 * The warning is needed because mail programs make a link of everything that looks like an address, also of the name of
 * a file that a stranger has uploaded.
 *
 * @param facts What the email was made from, as a sentence without its full stop.
 */
export function closingLines(facts: string): readonly string[] {
  return [`Sent by upload-ledger; ${facts}.`, 'Names come from the people who upload: do not follow a link in one.'];
}

/** Characters of the longest bar. */
const BAR_LENGTH = 10;

/** The text part: lines that end in LF, most of them short. A name that an uploader chose is last in its line. */
export function renderText(content: EmailContent): string {
  const blocks = [
    [content.headline, ...content.introduction, ...linkLines(content.link)],
    ...content.notices.map(noticeLines),
    ...content.sections.map((section) => [section.title, '-'.repeat(section.title.length), ...sectionLines(section)]),
    content.closing,
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function linkLines(link: Link | undefined): readonly string[] {
  return link === undefined ? [] : [`${link.label}: ${link.url}`];
}

function noticeLines({ title, advice, command }: Notice): readonly string[] {
  return [`! ${title}`, `  ${advice}`, ...(command === undefined ? [] : [`  ${command}`])];
}

function sectionLines(section: Section): readonly string[] {
  switch (section.kind) {
    case 'facts':
      return factLines(section);
    case 'bars':
      return barLines(section);
    case 'files':
      return fileLines(section);
  }
}

function factLines({ facts }: FactsSection): readonly string[] {
  const width = longest(facts.map(({ label }) => label));
  return facts.map(({ label, value }) => `${label.padEnd(width)}  ${value}`);
}

function barLines({ bars, note }: BarsSection): readonly string[] {
  const width = longest(bars.map(({ value }) => value));
  const lines = bars.map(({ label, value, share }) => {
    const filled = Math.max(1, Math.round(share * BAR_LENGTH));
    return `${'█'.repeat(filled)}${'░'.repeat(BAR_LENGTH - filled)}  ${value.padStart(width)}  ${label}`;
  });
  return [...lines, ...noteLines(note)];
}

function fileLines({ files, note }: FilesSection): readonly string[] {
  return [...files.flatMap(({ key, details }) => [key, `  ${details}`]), ...noteLines(note)];
}

function noteLines(note: string | undefined): readonly string[] {
  return note === undefined ? [] : [note];
}

function longest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}

import { formatBytes, type TimeFormat } from '../../shared/format.ts';
import type { Mention } from '../summary/batch-summary.ts';
import { shownKey, shownName, shownUploader } from './display-name.ts';

/** An email ready to be sent: both parts say the same. */
export interface Email {
  /** One line of Unicode without control characters; the mailer encodes it. */
  readonly subject: string;
  /** Lines that end in LF. */
  readonly text: string;
  /** A whole HTML document without images, scripts, links or anything else that is fetched. */
  readonly html: string;
}

/**
 * What an email says, before it is text or HTML: both parts are made of this and of nothing else, so they say the same.
 *
 * All values are ready to be shown: sizes and times formatted, texts from events visible and shortened. They are not
 * escaped for HTML.
 */
export interface EmailContent {
  readonly subject: string;
  readonly headline: string;
  /** What the email is and what time it covers, a line each. */
  readonly introduction: readonly string[];
  /** What somebody has to know or do, before anything else. */
  readonly notices: readonly Notice[];
  readonly sections: readonly Section[];
  /** Where the email comes from, a line each. */
  readonly closing: readonly string[];
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
  /** What has to be known to read the figures right. */
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

export interface FileLineOptions {
  readonly format: TimeFormat;
  /** Whether the uploads went to several buckets, so that each line has to say which. */
  readonly withBucket: boolean;
}

/**
 * One line for each upload: `2.1 GB, 22 Nov 2026, 11:15:30 CET, by alice`. The uploader comes last: text that runs
 * from right to left reorders what follows it.
 */
export function mentionLines(mentions: readonly Mention[], { format, withBucket }: FileLineOptions): FileLine[] {
  return mentions.map(({ key, filesize, timestamp, bucket, uploader }) => {
    const inBucket = withBucket ? [`in ${shownName(bucket)}`] : [];
    const details = [formatBytes(filesize), format(timestamp), ...inBucket, `by ${shownUploader(uploader)}`];
    return { key: shownKey(key), details: details.join(', ') };
  });
}

/**
 * The last lines of every email.
 *
 * The warning is for what no sender can prevent: mail programs turn into a link whatever looks like an address, also
 * where it is the name of a file that a stranger has uploaded.
 *
 * @param facts What the email was made of, as a sentence without its full stop.
 */
export function closingLines(facts: string): readonly string[] {
  return [`Sent by upload-ledger; ${facts}.`, 'Names come from whoever uploaded: do not follow a link in one.'];
}

/** Characters of the longest bar. */
const BAR = 10;

/** The text part: lines that end in LF, most of them short. What an uploader has named stands last in its line. */
export function renderText(content: EmailContent): string {
  const blocks = [
    [content.headline, ...content.introduction],
    ...content.notices.map(noticeLines),
    ...content.sections.map((section) => [section.title, '-'.repeat(section.title.length), ...sectionLines(section)]),
    content.closing,
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
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
    const filled = Math.max(1, Math.round(share * BAR));
    return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}  ${value.padStart(width)}  ${label}`;
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

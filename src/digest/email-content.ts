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

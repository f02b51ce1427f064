/** How often something small goes wrong: shares of calls, messages or invocations. */
export interface Noise {
  /** Share of DynamoDB calls of which some puts come back. */
  readonly unprocessed: number;
  readonly refused: number;
  readonly throttled: number;
  readonly answerLost: number;
  /** Share of DynamoDB calls that nobody answers; half of them are done all the same. */
  readonly stalled: number;
  /** Share of DynamoDB calls that are answered after a second or two. */
  readonly slow: number;
  readonly kills: number;
  /** Share of notifications that S3 delivers twice, and that it never delivers. */
  readonly duplicates: number;
  readonly lost: number;
  /** Share of calls to SQS, by the function or by an operator, that are refused, and that are done without an answer. */
  readonly queueRefused: number;
  readonly queueAnswerLost: number;
  /** Share of emails that SES refuses, and that it sends without an answer. */
  readonly emailRefused: number;
  readonly emailAnswerLost: number;
  /** Share of look-ups of metadata that S3 refuses at last, or never answers. */
  readonly headFailed: number;
  /** Share of ticks that Scheduler sends twice, late, or not at all. */
  readonly ticks: number;
  /** Share of calls to EventBridge that are refused, of which some entries are refused, and of whose answer the publisher never hears. */
  readonly eventsRefused: number;
  readonly entriesRefused: number;
  readonly eventsAnswerLost: number;
}

export const QUIET: Noise = {
  unprocessed: 0,
  refused: 0,
  throttled: 0,
  answerLost: 0,
  stalled: 0,
  kills: 0,
  duplicates: 0,
  lost: 0,
  queueRefused: 0,
  queueAnswerLost: 0,
  emailRefused: 0,
  emailAnswerLost: 0,
  ticks: 0,
  slow: 0,
  headFailed: 0,
  eventsRefused: 0,
  entriesRefused: 0,
  eventsAnswerLost: 0,
};

/** What goes wrong in any week of any service: between the table and the bus, and everywhere else. */
export const USUAL_OF_EVENTS = { eventsRefused: 0.03, entriesRefused: 0.05, eventsAnswerLost: 0.02 };
export const USUAL_WITHOUT_EVENTS = {
  unprocessed: 0.05,
  refused: 0.02,
  throttled: 0.02,
  answerLost: 0.01,
  stalled: 0.002,
  kills: 0.02,
  duplicates: 0.02,
  lost: 0.001,
  queueRefused: 0.05,
  queueAnswerLost: 0.01,
  emailRefused: 0.1,
  emailAnswerLost: 0.02,
  ticks: 0.06,
  slow: 0.03,
  headFailed: 0.05,
};
export const USUAL: Noise = { ...USUAL_WITHOUT_EVENTS, ...USUAL_OF_EVENTS };

/** What is down as a whole: the table, the right to use it, the functions' code, SES, or EventBridge. */
export const OUTAGE_KINDS = ['table', 'permission', 'bundle', 'email', 'events'] as const;

export type OutageKind = (typeof OUTAGE_KINDS)[number];

/** Faults that only delay events: no upload, digest or email waits for them. */
export const EVENT_FAULTS = {
  refused: 'events refused',
  entries: 'event entries refused',
  answerLost: 'events answer lost',
  killed: 'publisher killed',
} as const;

export interface Outage {
  readonly kind: OutageKind;
  /** Hours after the start of the simulation. */
  readonly atHours: number;
  readonly hours: number;
}

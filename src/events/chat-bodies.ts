import { formatBytes, formatCount } from '../shared/format.ts';
import { shortenText, visibleText } from '../shared/text.ts';
import type { AlertEventDetail, DigestEventDetail, EventRecord, LedgerEvent } from './event.ts';
import { plainWords } from './plain-words.ts';

/**
 * Messages for people in Slack and Microsoft Teams. What comes from an event is untrusted: it is put where neither of
 * them reads markup, mentions or links, and is one visible line.
 */

/**
 * UTF-16 units of a key, and of any other text, as {@link escapedLength} counts them. With the most lines, a message stays
 * far below what both take.
 */
const MAX_KEY = 1_000;
const MAX_TEXT = 200;

/** Objects of an alert that a message names, with this many units each. */
const MAX_OBJECTS = 10;
const MAX_OBJECT_KEY = 150;

/** A line of a message: what it is about, and what is so. */
type Line = readonly [string, string];

/**
 * The arguments of Slack's `chat.postMessage`, but for the channel.
 *
 * Text of the type `plain_text` holds no mentions, links and formats; a text object takes 3,000 characters. The summary,
 * which is what a notification shows, has no markup at all, and `parse: none` lets Slack make no links of it.
 *
 * Sources: Slack API, `chat.postMessage`; Block Kit, "Text object", "Section block".
 */
export function slackBody(event: LedgerEvent) {
  const { summary } = event.detail;
  const lines = linesOf(event).map(([name, value]) => `${name}: ${value}`);
  return {
    text: summary,
    parse: 'none',
    link_names: false,
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [plainSection(summary), plainSection(lines.join('\n'))],
  };
}

function plainSection(text: string) {
  return { type: 'section', text: { type: 'plain_text', text, emoji: false } };
}

/**
 * A message with an Adaptive Card, as a workflow "When a Teams webhook request is received" takes it: at most 28 KB.
 *
 * Markdown is read in a `TextBlock` and in facts, and not in a `TextRun`. That takes `{{DATE(...)}}` for a time, however.
 *
 * Sources: Microsoft Teams, "Format cards in Teams", "Webhooks and connectors"; Adaptive Cards, "TextRun", "Text
 * features".
 */
export function teamsBody(event: LedgerEvent) {
  const title = richText([{ text: event.detail.summary, weight: 'Bolder' }]);
  const lines = linesOf(event).map(([name, value]) =>
    richText([{ text: `${name}: `, isSubtle: true }, { text: value }]),
  );
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [title, ...lines],
        },
      },
    ],
  };
}

/** UTF-16 units of each line: of our own choice, as AWS documents no limits. */
const MAX_CHAT_LINE = 200;

/**
 * An alert as Amazon Q Developer in chat applications shows it when it comes through an SNS topic; undefined for every
 * other event. The texts are read as the Markdown of the chat, of which Slack and Teams escape different characters: so
 * they are words that mark nothing up in either.
 *
 * Source: Amazon Q Developer in chat applications, "Custom notifications", event schema.
 */
export function chatNotification({ type, detail }: LedgerEvent) {
  if (!('alert' in detail)) return undefined;
  const lines = alertLines(detail.alert).map(([name, value]) => `${name}: ${plainWords(value, MAX_CHAT_LINE)}`);
  return {
    version: '1.0',
    source: 'custom',
    id: detail.id,
    content: {
      textType: 'client-markdown',
      title: `Alert ${plainWords(detail.alert.rule, MAX_CHAT_LINE)}`,
      description: [detail.summary, ...lines].join('\n'),
    },
    metadata: { summary: detail.summary, eventType: type, enableCustomActions: false },
  };
}

interface TextRun {
  readonly text: string;
  readonly weight?: 'Bolder';
  readonly isSubtle?: true;
}

function richText(runs: readonly TextRun[]) {
  const inlines = runs.map(({ text, ...style }) => ({
    type: 'TextRun',
    text: text.replaceAll(/\{\{(?=DATE|TIME)/g, '{ {'),
    ...style,
  }));
  return { type: 'RichTextBlock', inlines };
}

function linesOf({ detail }: LedgerEvent): readonly Line[] {
  if ('record' in detail) return recordLines(detail.record);
  return 'alert' in detail ? alertLines(detail.alert) : digestLines(detail.digest);
}

function recordLines(record: EventRecord): Line[] {
  return [
    ['Key', shown(record.s3_key, MAX_KEY)],
    ['Bucket', shown(record.s3_bucket)],
    ...(record.filesize === undefined ? [] : [['Size', formatBytes(record.filesize)] as const]),
    ...(record.uploader === undefined ? [] : [['Uploader', shown(record.uploader)] as const]),
    ['Time', record.timestamp],
    ['Event', shown(record.event_name)],
  ];
}

function alertLines(alert: AlertEventDetail['alert']): Line[] {
  const named = alert.objects.slice(0, MAX_OBJECTS);
  const rest = alert.count - named.length;
  return [
    ['Rule', shown(alert.rule)],
    ['Matches', formatCount(alert.count)],
    ['Size', formatBytes(alert.bytes)],
    ...named.map(({ s3_bucket, s3_key }): Line => ['Object', shown(`${s3_bucket}/${s3_key}`, MAX_OBJECT_KEY)]),
    ...(rest > 0 ? [['More', formatCount(rest)] as const] : []),
  ];
}

function digestLines(digest: DigestEventDetail['digest']): Line[] {
  return [
    ['Digest', shown(digest.name)],
    ['From', digest.from],
    ['To', digest.to],
    ['Uploads', formatCount(digest.uploads)],
    ['Size', formatBytes(digest.bytes)],
    ['Deletes', formatCount(digest.deletes)],
    ['Messages that failed', formatCount(digest.messages_failed)],
    ['Moved to the dead-letter queue', formatCount(digest.messages_quarantined)],
  ];
}

function shown(text: string, maxLength: number = MAX_TEXT): string {
  return shortenText(visibleText(text), maxLength, escapedLength);
}

/** Slack escapes three signs, and does not say whether it counts them before or after that. */
function escapedLength(text: string): number {
  return text.replace(/&/g, '&amp;').replace(/[<>]/g, '&lt;').length;
}

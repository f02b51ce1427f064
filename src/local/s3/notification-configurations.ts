import { randomUUID } from 'node:crypto';
import { queueUrlOf } from '../servers/queue-access.ts';
import type { BucketNotification } from './notification.ts';
import { element, type S3Refusal, unescapeXml } from './xml.ts';

/** What an entry sends to, by the name of its element. */
const KINDS = { Topic: 'Topic', Queue: 'Queue', CloudFunction: 'CloudFunction' } as const;

/** One entry of a bucket's notification configuration. */
interface NotificationEntry {
  readonly kind: keyof typeof KINDS;
  readonly id: string;
  /** ARN of the queue, topic or function. */
  readonly destination: string;
  /** Such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  /** What a key must begin and end with, form-urlencoded. @default anything */
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
}

export interface NotificationConfiguration {
  readonly entries: readonly NotificationEntry[];
  /** Whether the bucket sends its events to EventBridge. */
  readonly eventBridge: boolean;
}

const EMPTY: NotificationConfiguration = { entries: [], eventBridge: false };

/** The notification configurations of all buckets. */
export class NotificationConfigurations {
  readonly #buckets = new Map<string, NotificationConfiguration>();

  set(bucket: string, configuration: NotificationConfiguration): void {
    this.#buckets.set(bucket, configuration);
  }

  get(bucket: string): NotificationConfiguration {
    return this.#buckets.get(bucket) ?? EMPTY;
  }

  /** What is sent to queues. */
  toQueues(): BucketNotification[] {
    return [...this.#buckets].flatMap(([bucket, { entries }]) =>
      entries
        .filter(({ kind }) => kind === 'Queue')
        .map(({ id, destination, events, prefix, suffix }) => ({
          id,
          bucket,
          queueUrl: queueUrlOf(destination),
          events,
          ...(prefix !== undefined && { prefix }),
          ...(suffix !== undefined && { suffix }),
        })),
    );
  }
}

/** A configuration as S3 answers it: entries in their order, the names of filter rules with a capital. */
export function configurationXml({ entries, eventBridge }: NotificationConfiguration): string {
  const written = Object.keys(KINDS).flatMap((kind) => entries.filter((entry) => entry.kind === kind).map(entryXml));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    ...written,
    ...(eventBridge ? ['<EventBridgeConfiguration/>'] : []),
    '</NotificationConfiguration>',
  ].join('\n');
}

function entryXml({ kind, id, destination, events, prefix, suffix }: NotificationEntry): string {
  const rules = Object.entries({ Prefix: prefix, Suffix: suffix }).flatMap(([name, value]) =>
    value === undefined ? [] : [`<FilterRule>${element('Name', name)}${element('Value', value)}</FilterRule>`],
  );
  return [
    `<${kind}Configuration>`,
    element('Id', id),
    element(kind, destination),
    ...events.map((event) => element('Event', event)),
    ...(rules.length > 0 ? [`<Filter><S3Key>${rules.join('')}</S3Key></Filter>`] : []),
    `</${kind}Configuration>`,
  ].join('');
}

/** Reads what was put. S3 makes up the ids that are missing. */
export function parseConfiguration(xml: string): NotificationConfiguration {
  const entries = [...xml.matchAll(/<(Topic|Queue|CloudFunction)Configuration>([\s\S]*?)<\/\1Configuration>/g)];
  return {
    entries: entries.map(([, kind, inside = '']) => parseEntry(kind as NotificationEntry['kind'], inside)),
    eventBridge: /<EventBridgeConfiguration\s*\/?>/.test(xml),
  };
}

function parseEntry(kind: NotificationEntry['kind'], xml: string): NotificationEntry {
  const texts = (name: string) =>
    [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescapeXml(text));
  const [names, values] = [texts('Name'), texts('Value')];
  const filter = (wanted: string) => values[names.findIndex((name) => name.toLowerCase() === wanted)];
  return {
    kind,
    id: texts('Id')[0] ?? randomUUID(),
    destination: texts(KINDS[kind])[0] ?? '',
    events: texts('Event'),
    prefix: filter('prefix'),
    suffix: filter('suffix'),
  };
}

/**
 * Why S3 would refuse a configuration before it looks at the destinations; undefined when it would not.
 *
 * Source: Amazon S3 User Guide, "Examples of notification configurations with object key name filtering".
 */
export function configurationRefusal({ entries }: NotificationConfiguration): S3Refusal | undefined {
  if (entries.some(({ destination, events }) => destination === '' || events.length === 0)) {
    return {
      status: 400,
      code: 'MalformedXML',
      message: 'The XML you provided was not well-formed or did not validate against our published schema',
    };
  }
  if (new Set(entries.map(({ id }) => id)).size < entries.length) {
    return invalid('Same ID used for multiple configurations. IDs must be unique');
  }
  const isAmbiguous = entries.some((one, at) => entries.slice(at + 1).some((other) => overlap(one, other)));
  if (!isAmbiguous) return undefined;
  return invalid(
    'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
  );
}

function overlap(one: NotificationEntry, other: NotificationEntry): boolean {
  const share = (a: string, b: string) => a === b || [a, b].some((type) => isFamily(type) && sameFamily(a, b));
  const [a = '', b = ''] = [one.prefix, other.prefix];
  const [c = '', d = ''] = [one.suffix, other.suffix];
  return (
    one.events.some((event) => other.events.some((type) => share(event, type))) &&
    (a.startsWith(b) || b.startsWith(a)) &&
    (c.endsWith(d) || d.endsWith(c))
  );
}

function isFamily(type: string): boolean {
  return type.endsWith(':*');
}

function sameFamily(one: string, other: string): boolean {
  return one.split(':')[1] === other.split(':')[1];
}

/** S3's answer when a destination is gone, or does not let S3 send. */
export function destinationRefusal(arn: string): S3Refusal {
  const details = { ArgumentName1: `${arn}, null`, ArgumentValue1: 'The destination does not exist' };
  return { ...invalid('Unable to validate the following destination configurations'), details };
}

function invalid(message: string): S3Refusal {
  return { status: 400, code: 'InvalidArgument', message };
}

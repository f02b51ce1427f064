import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { toDigestEvent } from '../../../src/events/event.ts';
import { toOutboxItem } from '../../../src/events/outbox.ts';
import { toLedgerRecord } from '../../../src/ledger/record.ts';
import { upload } from '../../builders/upload.ts';
import { streamRecord } from '../../publisher/stream-event.ts';
import { synthesized } from '../synthesized.ts';
import { EMAIL } from '../variants.ts';

const WITH_BUS = { recordedEventsBus: 'default' };
const template = synthesized(WITH_BUS);
const MAPPING = 'AWS::Lambda::EventSourceMapping';

interface Pattern {
  readonly [name: string]: Pattern | readonly (string | { readonly exists: boolean })[];
}

function filtersOf(from: Template): Pattern[] {
  const [mapping] = Object.values(from.findResources(MAPPING, { Properties: { StartingPosition: Match.anyValue() } }));
  return mapping?.Properties.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern));
}

/** As Lambda filters: a list holds what a value may be, and `exists` asks for a value. */
function passes(pattern: Pattern, value: unknown): boolean {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(pattern).every(([name, wanted]) =>
    isList(wanted)
      ? wanted.some((one) =>
          typeof one === 'string' ? fields[name] === one : (fields[name] !== undefined) === one.exists,
        )
      : passes(wanted, fields[name]),
  );
}

const isList = (wanted: Pattern[string]): wanted is Exclude<Pattern[string], Pattern> => Array.isArray(wanted);

const recordFrom = (source: 'notification' | 'backfill' | 'reconcile') =>
  toLedgerRecord(upload({}), { indexShards: 8, source });
const other = { s3_object: 'summary#2026-11-22T10Z', upload_id: 'x' };
const summary = { ...other, attributes: { s3_object: { S: other.s3_object }, upload_id: { S: 'x' } } };
const window = { name: 'daily', from: '2026-11-21T08:00:00.000Z', to: '2026-11-22T08:00:00.000Z' };
const totals = {
  ...{ uploads: 0, bytes: 0, deletes: 0, versions_deleted: 0, restores: 0 },
  ...{ messages_failed: 0, messages_quarantined: 0, alerts_held_back: 0 },
};
const digest = toOutboxItem(toDigestEvent({ ...window, totals }), 0);

/** What of this invokes the publisher. */
function invoking(from: Template): string[] {
  const stream = {
    notified: streamRecord(recordFrom('notification'), 1),
    'found by backfill': streamRecord(recordFrom('backfill'), 2),
    'found by reconcile': streamRecord(recordFrom('reconcile'), 3),
    changed: streamRecord(recordFrom('notification'), 4, 'MODIFY'),
    removed: streamRecord(recordFrom('notification'), 5, 'REMOVE'),
    summary: streamRecord(summary, 6),
    digest: streamRecord(digest, 7),
    'digest again': streamRecord(digest, 8, 'MODIFY'),
  };
  const filters = filtersOf(from);
  const entries = Object.entries(stream);
  return entries.filter(([, one]) => filters.some((filter) => passes(filter, one))).map(([name]) => name);
}

describe('the publisher', () => {
  it('is invoked by new records, and by nothing else', () => {
    expect(invoking(template)).toEqual(['notified', 'found by backfill', 'found by reconcile']);
  });

  it('is invoked by new alerts and digests as well, where there are any', () => {
    expect(invoking(synthesized({ ...EMAIL, ...WITH_BUS }))).toEqual([
      'notified',
      'found by backfill',
      'found by reconcile',
      'digest',
    ]);
  });

  it('is not invoked by what commands have found, with announceBackfill false', () => {
    expect(invoking(synthesized({ ...WITH_BUS, announceBackfill: 'false' }))).toEqual(['notified']);
  });

  it('is tried again for 23 hours from the first record that failed, then what it could not do is named in a queue', () => {
    template.hasResourceProperties(MAPPING, {
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 23 * 3_600,
      // As often as there is time for.
      MaximumRetryAttempts: Match.absent(),
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('PublisherFailures'), 'Arn'] } },
      },
    });
    for (const id of ['PublishingLate', 'PublishingFailed']) {
      const alarms = template.findResources('AWS::CloudWatch::Alarm');
      expect(Object.keys(alarms).some((name) => name.includes(id))).toBe(true);
    }
  });

  it('reads a stream that a replica can be added to later', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  it('may put events on its bus, and on no other', () => {
    const text = JSON.stringify(synthesized({ recordedEventsBus: 'theirs' }).toJSON());
    expect(text).toContain(':event-bus/theirs"');
    expect(text).toContain('"EVENT_BUS":"theirs"');
    expect(text.match(/events:PutEvents/g)).toHaveLength(1);
  });

  it('is absent, with stream, queue and alarms, without a bus', () => {
    const text = JSON.stringify(synthesized(EMAIL).toJSON());
    expect(text).not.toMatch(/Publish|StreamSpecification|events:PutEvents|ANNOUNCES_EMAILS|IteratorAge/);
  });
});

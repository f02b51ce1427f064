import { describe, expect, it } from 'vitest';
import type { BatchOutcome } from '../../src/consumer/handle-batch.ts';
import { createTelemetry } from '../../src/consumer/telemetry.ts';
import { manualClock } from '../builders/manual-clock.ts';
import { sqsMessage } from '../builders/sqs-message.ts';
import { ledgerRecord } from '../ledger/records.ts';
import { lambdaContext } from './lambda-context.ts';
import { printedLines } from './printed-lines.ts';

const SERVICE = 'UploadLedger/Uploads';
const CLOCK = manualClock({ time: Date.parse('2026-11-22T12:00:30.000Z') });

function outcome(overrides: Partial<BatchOutcome> = {}): BatchOutcome {
  return {
    response: { batchItemFailures: [] },
    stored: [],
    received: 0,
    failed: 0,
    failures: [],
    quarantined: 0,
    quarantinedWithoutRecords: new Set(),
    ticks: [],
    alerts: [],
    heldBack: [],
    testEvents: 0,
    eventsIgnored: 0,
    writes: { calls: 0, unprocessedRetries: 0, duplicatesCollapsed: 0 },
    ...overrides,
  };
}

function storedRecords(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    record: ledgerRecord({ s3_object: `b/${index}`, timestamp: '2026-11-22T12:00:00.000Z' }),
    delay: index,
  }));
}

/** What is printed for a batch, apart by log and metrics. */
function report(batch: BatchOutcome) {
  const lines = printedLines();
  const telemetry = createTelemetry({ serviceName: SERVICE, bucketNames: [], clock: CLOCK });
  telemetry.begin(lambdaContext({ awsRequestId: 'request-1' }));
  telemetry.report(batch);
  return { log: lines.filter((line) => !('_aws' in line)), metrics: lines.filter((line) => '_aws' in line) };
}

describe('what the consumer logs', () => {
  it('is one line a batch at INFO, with the id of the request', () => {
    const { log } = report(outcome({ received: 3000, stored: storedRecords(3000) }));
    expect(log).toHaveLength(1);
    expect(log[0]).toMatchObject({
      level: 'INFO',
      service: SERVICE,
      function_request_id: 'request-1',
      received: 3000,
      stored: 3000,
      greatestDelay: 2999,
    });
  });

  it('names what failed by reason, at WARN', () => {
    const first = new Error(`injected ${'x'.repeat(1000)}`);
    const { log } = report(outcome({ failed: 40, failures: [{ code: 'call-failed', messages: 40, first }] }));
    expect(log).toMatchObject([
      {
        level: 'WARN',
        failed: 40,
        failures: [{ code: 'call-failed', messages: 40, first: first.message.slice(0, 200) }],
      },
    ]);
  });

  it('names a bug at ERROR, with its place', () => {
    const failures = [{ code: 'unexpected', messages: 1, first: new TypeError('oops') }];
    const { log } = report(outcome({ failed: 1, failures }));
    expect(log).toMatchObject([
      { level: 'ERROR', failures: [{ first: expect.stringContaining('telemetry.test.ts') }] },
    ]);
  });

  it('repeats no more than 200 characters of a quarantined body', () => {
    const lines = printedLines();
    const message = sqsMessage({ body: `{"secret":"${'x'.repeat(1000)}"}` });
    createTelemetry({ serviceName: SERVICE, bucketNames: [], clock: CLOCK }).quarantined(message, {
      reason: 'no-records',
      detail: 'expected records',
    });
    expect(lines).toMatchObject([
      {
        level: 'WARN',
        messageId: message.messageId,
        reason: 'no-records',
        detail: 'expected records',
        body: message.body.slice(0, 200),
      },
    ]);
  });

  it('stays one line of JSON whatever the body holds', () => {
    const lines = printedLines();
    createTelemetry({ serviceName: SERVICE, bucketNames: [], clock: CLOCK }).quarantined(
      sqsMessage({ body: '\n\u2028\ud83d"\\\u0000\u001b[31m' }),
      {
        reason: 'not-json',
        detail: 'x',
      },
    );
    expect(lines).toMatchObject([{ body: '\n\u2028\ufffd"\\\u0000\u001b[31m' }]);
  });
});

describe('the metrics that the consumer prints', () => {
  it('count the batch once, zeros included', () => {
    const { metrics } = report(outcome({ received: 7, failed: 2, quarantined: 1, testEvents: 1, eventsIgnored: 3 }));
    expect(metrics).toHaveLength(1);
    expect(metrics[0]).toMatchObject({
      service: SERVICE,
      MessagesReceived: 7,
      RecordsStored: 0,
      MessagesFailed: 2,
      MessagesQuarantined: 1,
      DuplicatesCollapsed: 0,
      UnprocessedRetries: 0,
      TestEvents: 1,
      EventsIgnored: 3,
      _aws: { CloudWatchMetrics: [{ Namespace: 'UploadLedger', Dimensions: [['service']] }] },
    });
  });

  it('say how old the oldest message is that is tried again, and nothing where none is', () => {
    const sentAt = CLOCK.now() - 3_600_400;
    expect(report(outcome({ oldestRetriedSentAt: sentAt })).metrics[0]).toMatchObject({
      OldestRetriedMessageAge: 3600,
    });
    // The sender's clock is ahead.
    const ahead = report(outcome({ oldestRetriedSentAt: CLOCK.now() + 5_000 }));
    expect(ahead.metrics[0]).toMatchObject({ OldestRetriedMessageAge: 0 });
    expect(report(outcome()).metrics[0]).not.toHaveProperty('OldestRetriedMessageAge');
  });

  it('count uploads apart from deletes, expirations and restores', () => {
    const kinds = [
      ...Array.from({ length: 4 }, () => ['uploaded', 'ObjectCreated:Put'] as const),
      ['deleted', 'ObjectRemoved:Delete'],
      ['deleted', 'ObjectRemoved:DeleteMarkerCreated'],
      ['deleted', 'LifecycleExpiration:Delete'],
      ['deleted', 'LifecycleExpiration:DeleteMarkerCreated'],
      ['deleted', 'LifecycleExpiration:Delete'],
      ['restored', 'ObjectRestore:Completed'],
    ] as const;
    const stored = kinds.map(([status, event_name]) => ({ record: ledgerRecord({ status, event_name }), delay: 1 }));
    const { metrics } = report(outcome({ received: 10, stored }));
    const counts = { UploadsStored: 4, DeletesStored: 2, ExpirationsStored: 3, RestoresStored: 1 };
    expect(metrics.at(-1)).toMatchObject({ RecordsStored: 10, ...counts });
  });

  it('leave out the kinds of records that a batch has not stored', () => {
    const { metrics } = report(outcome({ received: 1, stored: storedRecords(1) }));
    expect(metrics.at(-1)).toMatchObject({ RecordsStored: 1, UploadsStored: 1 });
    expect(metrics.at(-1)).not.toHaveProperty('DeletesStored');
    expect(metrics.at(-1)).not.toHaveProperty('RestoresStored');
  });

  it('give every document its own minute and dimensions, however many there are', () => {
    const minutes = ['2026-11-22T11:00:00.000Z', '2026-11-22T11:01:00.000Z'];
    const stored = minutes.flatMap((timestamp) =>
      storedRecords(150).map(({ record, delay }) => ({ record: { ...record, timestamp }, delay })),
    );
    const { metrics } = report(outcome({ received: 300, stored }));
    const uploads = metrics.filter((document) => 'UploadsRecorded' in document);
    expect(
      uploads.map((document) => [(document._aws as { Timestamp: number }).Timestamp, document.UploadsRecorded]),
    ).toEqual(
      minutes.flatMap((minute) => [
        [Date.parse(minute), 100],
        [Date.parse(minute), 50],
      ]),
    );
    for (const document of uploads) {
      expect(document).toMatchObject({ service: SERVICE, bucket: 'uploads-bucket', category: 'image' });
      expect(document).toHaveProperty('_aws.CloudWatchMetrics.0.Dimensions', [['service', 'bucket', 'category']]);
    }
  });

  it('never fail the batch, and leave nothing behind for the next', () => {
    const lines = printedLines();
    const telemetry = createTelemetry({ serviceName: SERVICE, bucketNames: [], clock: CLOCK });
    const broken = { record: { ...ledgerRecord(), filesize: 'many' as never }, delay: 1 };
    telemetry.report(outcome({ stored: [broken] }));
    expect(lines).toMatchObject([{ level: 'INFO' }, { level: 'ERROR', message: 'Metrics were lost' }]);
    telemetry.report(outcome({ received: 1 }));
    expect(lines.at(-1)).toMatchObject({
      MessagesReceived: 1,
      _aws: { CloudWatchMetrics: [{ Dimensions: [['service']] }] },
    });
    expect(lines.at(-1)).not.toHaveProperty('UploadsRecorded');
  });
});

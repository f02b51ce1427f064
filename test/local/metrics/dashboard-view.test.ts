import { describe, expect, it } from 'vitest';
import { BATCH_METRICS, RECORD_METRICS, UPLOAD_METRICS } from '../../../src/contract/metrics.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../src/local/identity.ts';
import { dashboardView, type WidgetView } from '../../../src/local/metrics/dashboard-view.ts';
import { MetricSink } from '../../../src/local/metrics/metric-sink.ts';
import { joinSources } from '../../../src/local/metrics/service-metrics.ts';
import { readLocalResources } from '../../../src/local/template/template.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 23, 12, 0, 30);
const service = 'UploadLedger/Uploads';

/** The deployed dashboard over metrics that a test puts. */
function deployed() {
  const place = { region: LOCAL_REGION, accountId: LOCAL_ACCOUNT_ID, endpoint: 'http://127.0.0.1:1' };
  const { dashboards, alarms, queues } = readLocalResources({ assemblyDirectory: assemblyDirectory(), ...place });
  const sinks = { own: new MetricSink({ now: () => NOW }), services: new MetricSink({ now: () => NOW }) };
  const put = (sink: MetricSink, metric: { namespace: string; name: string; dimensions: Record<string, string> }) => {
    return (minutesAgo: number, ...values: number[]) =>
      sink.put({ ...metric, unit: 'None', timestamp: NOW - minutesAgo * MINUTE, values });
  };
  return {
    count: (name: string) => put(sinks.own, { namespace: 'UploadLedger', name, dimensions: { service } }),
    uploads: (category: string, name: string = UPLOAD_METRICS.uploadsRecorded) =>
      put(sinks.own, { namespace: 'UploadLedger', name, dimensions: { service, bucket: 'b', category } }),
    queue: (logicalId: RegExp, name: string) => {
      const QueueName = queues.find((queue) => logicalId.test(queue.logicalId))?.name ?? '';
      return put(sinks.services, { namespace: 'AWS/SQS', name, dimensions: { QueueName } });
    },
    view: (rangeMs?: number) => {
      const [dashboard] = dashboards;
      if (dashboard === undefined) throw new TypeError('Expected the template to have a dashboard.');
      const source = joinSources(sinks.own, sinks.services);
      return dashboardView(dashboard, { alarms, source, madeAt: NOW, now: NOW, rangeMs });
    },
  };
}

function titled<Kind extends WidgetView['kind']>(view: { widgets: readonly WidgetView[] }, kind: Kind, title: string) {
  const found = view.widgets.find((widget) => widget.title === title);
  if (found?.kind !== kind) throw new TypeError(`Expected a widget "${title}" of kind ${kind}; got ${found?.kind}.`);
  return found as WidgetView & { kind: Kind };
}

describe('the deployed dashboard', () => {
  it('shows three hours to the end of this minute, one point a minute, or another range', () => {
    const { view } = deployed();
    const { since, until, widgets } = view();
    expect(new Date(until * 1000).toISOString()).toBe('2026-11-23T12:01:00.000Z');
    expect(until - since).toBe(3 * 3600);
    expect(titled({ widgets }, 'graph', 'Uploads a minute').times).toHaveLength(180);
    expect(titled(view(3_600_000), 'graph', 'Uploads a minute').times).toHaveLength(60);
  });

  it('stacks the uploads by category', () => {
    const { uploads, view } = deployed();
    uploads('image')(1, 2, 3);
    uploads('code')(0, 1);
    const { series, isStacked } = titled(view(), 'graph', 'Uploads a minute');
    expect(isStacked).toBe(true);
    expect(series.map(({ label, points }) => [label.split(' ')[0], points.slice(-2)])).toEqual([
      ['image', [5, null]],
      ['code', [null, 1]],
    ]);
  });

  it('shows the greatest delay of all categories', () => {
    const { uploads, view } = deployed();
    uploads('image', UPLOAD_METRICS.recordingDelay)(0, 100, 200);
    uploads('code', UPLOAD_METRICS.recordingDelay)(0, 900);
    const { series } = titled(view(), 'graph', 'Delay of the slowest category, s');
    expect(series.map(({ label, points }) => [label, points.at(-1)])).toEqual([
      ['p50', 0.9],
      ['p99', 0.9],
    ]);
  });

  it('raises the alarms that the metrics raise, and says what each is about', () => {
    const { queue, view } = deployed();
    const states = () => titled(view(), 'alarms', 'Alarms').alarms;
    expect(states().map(({ state }) => state)).toEqual(states().map(() => 'OK'));
    queue(/DeadLetter/, 'ApproximateNumberOfMessagesVisible')(1, 2);
    queue(/DeadLetter/, 'ApproximateNumberOfMessagesNotVisible')(1, 0);
    const raised = states().filter(({ state }) => state === 'ALARM');
    expect(raised).toMatchObject([{ description: expect.stringContaining('Messages are in the dead-letter queue') }]);
  });

  it('has no figure where nothing was measured', () => {
    const { widgets } = deployed().view();
    for (const widget of widgets) {
      if (widget.kind !== 'graph') continue;
      for (const { points } of widget.series) expect(new Set(points)).toEqual(new Set([null]));
    }
  });

  it('counts the batches and their messages', () => {
    const { count, view } = deployed();
    count(BATCH_METRICS.messagesReceived)(0, 10, 30);
    count(RECORD_METRICS.uploads)(0, 40);
    const shown = view();
    const last = (title: string) => titled(shown, 'graph', title).series.map(({ points }) => points.at(-1));
    expect(last('Batches')).toEqual([2, 20, null]);
    expect(last('Records a minute')).toEqual([40, null, null, null, null]);
  });

  it('counts what happened in the whole time range, and shows the latest of what is now', () => {
    const { count, queue, view } = deployed();
    for (const [minutesAgo, uploads] of [
      [179, 7],
      [30, 5],
      [0, 3],
    ] as const) {
      count(RECORD_METRICS.uploads)(minutesAgo, uploads);
    }
    queue(/^UploadsQueue/, 'ApproximateNumberOfMessagesVisible')(2, 40);
    queue(/^UploadsQueue/, 'ApproximateNumberOfMessagesNotVisible')(2, 2);
    const values = (title: string, rangeMs?: number) =>
      titled(view(rangeMs), 'values', title).values.map(({ label, value }) => [label, value]);
    expect(values('In this time range')).toEqual([
      ['Uploads', 15],
      ['Deletes', undefined],
      ['Quarantined', undefined],
    ]);
    expect(values('In this time range', 3_600_000)[0]).toEqual(['Uploads', 8]);
    expect(values('Now')).toEqual([
      ['Messages waiting or in work', 42],
      ['Age of the oldest, s', undefined],
      ['Dead letters', undefined],
    ]);
  });

  it('tells how long the queue takes to drain while something leaves it, and nothing while nothing does', () => {
    const { queue, view } = deployed();
    for (const [minutesAgo, deleted] of [
      [1, 120],
      [0, 0],
    ] as const) {
      queue(/^UploadsQueue/, 'ApproximateNumberOfMessagesVisible')(minutesAgo, 500);
      queue(/^UploadsQueue/, 'ApproximateNumberOfMessagesNotVisible')(minutesAgo, 100);
      queue(/^UploadsQueue/, 'NumberOfMessagesDeleted')(minutesAgo, deleted);
    }
    expect(titled(view(), 'graph', 'Queue: time to drain, s').series[0]?.points.slice(-2)).toEqual([300, null]);
  });

  it('draws the threshold of the alarm on the age of the oldest message', () => {
    const { lines } = titled(deployed().view(), 'graph', 'Queue: age of the oldest message, s');
    expect(lines).toEqual([{ value: 900, label: 'Alarm: uploads wait', colour: '#d62728' }]);
  });

  it('writes the sum of each category in the legend', () => {
    const { uploads, view } = deployed();
    uploads('image')(10, 2000);
    uploads('image')(0, 5);
    expect(titled(view(), 'graph', 'Uploads a minute').series.map(({ label }) => label)).toEqual(['image 2,005']);
  });
});

import { describe, expect, it } from 'vitest';
import {
  BATCH_METRICS,
  EMAIL_METRICS,
  RECORD_METRICS,
  RETRY_METRICS,
  UPLOAD_METRICS,
} from '../../../src/contract/metrics.ts';
import { only, synthesized } from '../synthesized.ts';
import { EMAIL } from '../variants.ts';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly stacked?: boolean;
    readonly alarms?: readonly string[];
    readonly setPeriodToTimeRange?: boolean;
    readonly annotations?: unknown;
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

const usual = synthesized();

/** The page, with the names of resources for what CloudFormation would put in their place. */
function bodyOf(template = usual): { readonly periodOverride: string; readonly widgets: readonly Widget[] } {
  const { resource } = only(template, 'AWS::CloudWatch::Dashboard');
  const { DashboardBody } = resource.Properties as { DashboardBody: { 'Fn::Join': [string, unknown[]] } };
  const parts = DashboardBody['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : toName(part))).join(''));
}

function toName(intrinsic: unknown): string {
  return String(Object.values(intrinsic as object).flat()[0]);
}

const titled = (title: string, template = usual) => {
  const found = bodyOf(template).widgets.find(({ properties }) => properties.title === title);
  if (found === undefined) throw new Error(`expected a widget "${title}"`);
  return found;
};

function rowsOf(template = usual): string[][] {
  const rows = Map.groupBy(bodyOf(template).widgets, ({ y }) => y);
  for (const row of rows.values()) expect(row.reduce((sum, { width }) => sum + width, 0)).toBeLessThanOrEqual(24);
  return [...rows.values()].map((row) => row.map(({ properties }) => properties.title));
}

/** Units of height that the console shows at once on a screen of 1080 pixels. */
const FIRST_SCREEN = 13;

describe('the dashboard', () => {
  it('answers on its first screen whether to act, how many uploads there were and what waits, then gives details', () => {
    expect(rowsOf()).toEqual([
      ['Alarms'],
      ['In this time range', 'Now'],
      ['Uploads a minute', 'Queue: messages', 'Queue: age of the oldest message, s'],
      ['Bytes a minute', 'Records a minute', 'Delay of the slowest category, s'],
      ['Messages that failed', 'Function: errors and throttles', 'Table: refused writes'],
      ['Function: duration, ms', 'Batches', 'Queue: time to drain, s'],
    ]);
    const first = bodyOf().widgets.filter(({ y, height }) => y + height <= FIRST_SCREEN);
    expect(first.map(({ properties }) => properties.title)).toEqual(rowsOf().slice(0, 3).flat());
  });

  it('shows emails only where some are sent', () => {
    expect(rowsOf(synthesized(EMAIL)).at(-1)).toEqual(['Emails sent', 'Emails that failed or were held back']);
  });

  it('shows every alarm, by a name that tells its ledger and what is wrong', () => {
    const [alarms] = bodyOf().widgets;
    const declared = Object.values(usual.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms?.properties.alarms).toHaveLength(declared.length);
    const names = declared.map(({ Properties }) => Properties.AlarmName);
    expect(names).toContain('UploadLedger/Uploads/DeadLettersWaiting');
    expect(names.every((name) => /^UploadLedger\/Uploads\/[A-Z]\w+$/.test(name))).toBe(true);
  });

  it('counts the uploads of the whole time range, whatever it is', () => {
    const { properties } = titled('In this time range');
    expect(properties.setPeriodToTimeRange).toBe(true);
    expect(properties.metrics?.map(([, name]) => name)).toEqual([
      'UploadsStored',
      'DeletesStored',
      'MessagesQuarantined',
    ]);
    expect(titled('Now').properties.setPeriodToTimeRange).toBeUndefined();
  });

  it('keeps a point a minute for every time range, as the titles say', () => {
    expect(bodyOf().periodOverride).toBe('inherit');
  });

  it('draws the threshold of the alarm on waiting uploads', () => {
    const line = (minutes: number) => ({
      horizontal: [{ value: minutes * 60, label: 'Alarm: uploads wait', color: '#d62728', yAxis: 'left' }],
    });
    expect(titled('Queue: age of the oldest message, s').properties.annotations).toEqual(line(15));
    const hour = synthesized({ oldestMessageMinutes: '60' });
    expect(titled('Queue: age of the oldest message, s', hour).properties.annotations).toEqual(line(60));
  });

  it('stacks the uploads of all buckets by category, with the sum of each', () => {
    const { properties } = titled('Uploads a minute');
    expect(properties.stacked).toBe(true);
    expect(properties.metrics).toEqual([
      [
        expect.objectContaining({
          label: `\${PROP('Dim.category')} \${SUM}`,
          expression: `SEARCH('{UploadLedger,bucket,category,service} MetricName="UploadsRecorded" service="UploadLedger/Uploads"', 'Sum', 60)`,
        }),
      ],
    ]);
  });

  it('uses only names and dimensions of metrics that the function emits', () => {
    const counts: string[] = [BATCH_METRICS, RECORD_METRICS, EMAIL_METRICS, RETRY_METRICS].flatMap((metrics) =>
      Object.values(metrics),
    );
    const metrics = bodyOf(synthesized(EMAIL)).widgets.flatMap(({ properties }) => properties.metrics ?? []);
    const own = metrics.filter(([namespace]) => namespace === 'UploadLedger');
    expect(own.length).toBeGreaterThan(10);
    for (const [, name, ...dimensions] of own) {
      expect(counts).toContain(name);
      expect(dimensions.filter((value) => typeof value === 'string')).toEqual(['service', 'UploadLedger/Uploads']);
    }
    const searched = [...JSON.stringify(metrics).matchAll(/MetricName=\\+"(\w+)/g)].map(([, name]) => name);
    expect(new Set(searched)).toEqual(new Set(Object.values(UPLOAD_METRICS)));
  });
});

import { describe, expect, it } from 'vitest';
import {
  BATCH_METRICS,
  EMAIL_METRICS,
  RECORD_METRICS,
  RETRY_METRICS,
  UPLOAD_METRICS,
} from '../../../src/contract/metrics.ts';
import { only, synthesized } from '../synthesized.ts';

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
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

const template = synthesized();

/** The page, with the names of resources for what CloudFormation would put in their place. */
function widgets(): readonly Widget[] {
  const { resource } = only(template, 'AWS::CloudWatch::Dashboard');
  const { DashboardBody } = resource.Properties as { DashboardBody: { 'Fn::Join': [string, unknown[]] } };
  const parts = DashboardBody['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : toName(part))).join('')).widgets;
}

function toName(intrinsic: unknown): string {
  return String(Object.values(intrinsic as object).flat()[0]);
}

const titled = (title: string) => {
  const found = widgets().find(({ properties }) => properties.title === title);
  if (found === undefined) throw new Error(`expected a widget "${title}"`);
  return found;
};

describe('the dashboard', () => {
  it('shows the alarms first, then the flow in order', () => {
    const rows = Map.groupBy(widgets(), ({ y }) => y);
    expect([...rows.values()].map((row) => row.map(({ properties }) => properties.title))).toEqual([
      ['Alarms'],
      ['Uploads a minute', 'Bytes a minute', 'Delay of the slowest category, ms'],
      ['Queue: messages', 'Queue: age of the oldest message, s', 'Queue: time to drain, s'],
      ['Batches a minute', 'Size of batches, messages', 'Records'],
      ['Messages that came back', 'Quarantined', 'Dead-letter queue: messages'],
      ['Function: errors, throttles, concurrency', 'Function: duration, ms', 'Table: refused writes'],
      ['Emails sent', 'Emails that failed or were held back'],
    ]);
    for (const row of rows.values()) expect(row.reduce((sum, { width }) => sum + width, 0)).toBe(24);
  });

  it('shows every alarm', () => {
    const [alarms] = widgets();
    expect(alarms?.properties.alarms).toHaveLength(
      Object.keys(template.findResources('AWS::CloudWatch::Alarm')).length,
    );
  });

  it('stacks the uploads of all buckets by category', () => {
    const { properties } = titled('Uploads a minute');
    expect(properties.stacked).toBe(true);
    expect(properties.metrics).toEqual([
      [
        expect.objectContaining({
          label: expect.stringContaining('Dim.category'),
          expression: `SEARCH('{UploadLedger,bucket,category,service} MetricName="UploadsRecorded" service="UploadLedger/Uploads"', 'Sum', 60)`,
        }),
      ],
    ]);
  });

  it('uses only names and dimensions of metrics that the function emits', () => {
    const counts: string[] = [BATCH_METRICS, RECORD_METRICS, EMAIL_METRICS, RETRY_METRICS].flatMap((metrics) =>
      Object.values(metrics),
    );
    const metrics = widgets().flatMap(({ properties }) => properties.metrics ?? []);
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

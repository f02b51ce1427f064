import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import type { AlarmResource, DashboardResource, GraphedQuery, Widget } from '../template/resources.ts';
import { type AlarmState, alarmState } from './alarm-state.ts';
import { Evaluation, type MetricSource, type TimeRange, type TimeSeries } from './evaluate.ts';
import { writeLabel } from './label.ts';
import type { MetricSink } from './metric-sink.ts';

/** A dashboard with its figures. Times are epoch seconds. */
export interface DashboardView {
  readonly name: string;
  readonly since: number;
  readonly until: number;
  readonly widgets: readonly WidgetView[];
}

export type WidgetView = Pick<Widget, 'title' | 'x' | 'y' | 'width' | 'height'> &
  (
    | { readonly kind: 'alarms'; readonly alarms: readonly AlarmView[] }
    | {
        readonly kind: 'graph';
        readonly isStacked: boolean;
        readonly times: readonly number[];
        readonly series: readonly SeriesView[];
        readonly lines: readonly LineView[];
      }
    | {
        readonly kind: 'values';
        readonly values: readonly (Omit<SeriesView, 'points'> & {
          /** Absent: there is no datapoint. */
          readonly value?: number;
        })[];
      }
  );

interface AlarmView {
  readonly name: string;
  readonly state: AlarmState;
  readonly description: string;
}

interface SeriesView {
  readonly label: string;
  readonly colour?: string;
  /** One for each of the widget's times; null where there is no datapoint. */
  readonly points: readonly (number | null)[];
}

/** A horizontal line. */
interface LineView {
  readonly label: string;
  readonly value: number;
  readonly colour: string;
}

/** @param rangeMs How many milliseconds until now are shown. @default what the dashboard shows when it is opened */
export type ReadDashboard = (rangeMs?: number) => DashboardView;

interface DashboardOptions {
  readonly alarms: readonly AlarmResource[];
  readonly source: MetricSource & Pick<MetricSink, 'total'>;
  /** Epoch milliseconds: when the alarms were made. */
  readonly madeAt: number;
  readonly now: number;
  /** @default the dashboard's own */
  readonly rangeMs?: number | undefined;
}

/** The dashboard as CloudWatch would draw it now. */
export function dashboardView(dashboard: DashboardResource, options: DashboardOptions): DashboardView {
  const until = Math.ceil((options.now + 1) / MINUTE_MS) * MINUTE_MS;
  const range = { from: until - (options.rangeMs ?? dashboard.rangeMs), until };
  return {
    name: dashboard.name,
    since: range.from / SECOND_MS,
    until: range.until / SECOND_MS,
    widgets: dashboard.widgets.map((widget) => widgetView(widget, range, options)),
  };
}

function widgetView(widget: Widget, range: TimeRange, options: DashboardOptions): WidgetView {
  const { title, x, y, width, height } = widget;
  const place = { title, x, y, width, height };
  if (widget.kind === 'alarms') return { ...place, kind: 'alarms', alarms: alarmViews(widget.alarmArns, options) };
  const times = timesOf(widget.queries, range);
  const evaluation = new Evaluation(options.source, widget.queries, range);
  const shown = widget.queries.filter(({ isVisible }) => isVisible);
  const seriesOf = (query: GraphedQuery) =>
    evaluation.seriesOf(query).map((series) => seriesView(query, series, times));
  if (widget.kind === 'graph') {
    const { isStacked, lines } = widget;
    const inSeconds = times.map((time) => time / SECOND_MS);
    return { ...place, kind: 'graph', isStacked, times: inSeconds, series: shown.flatMap(seriesOf), lines };
  }
  const values = shown.flatMap((query) =>
    seriesOf(query).map(({ points, ...series }) => {
      const value = widget.isOfWholeRange ? totalOf(query, range, options) : latest(points);
      return { ...series, ...(value !== undefined && { value }) };
    }),
  );
  return { ...place, kind: 'values', values };
}

function alarmViews(arns: readonly string[], { alarms, source, now, madeAt }: DashboardOptions): AlarmView[] {
  return arns
    .flatMap((arn) => alarms.find((alarm) => alarm.arn === arn) ?? [])
    .map((alarm) => {
      const { name, description } = alarm;
      return { name, description, state: alarmState(alarm, source, { now, madeAt }) };
    });
}

/** The start of each of the shortest periods. */
function timesOf(queries: readonly GraphedQuery[], { from, until }: TimeRange): number[] {
  const step = Math.min(...queries.map(({ periodSeconds }) => periodSeconds)) * SECOND_MS;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.ceil((until - first) / step) }, (_, index) => first + index * step);
}

function seriesView({ label, colour }: GraphedQuery, series: TimeSeries, times: readonly number[]): SeriesView {
  return {
    label: writeLabel(label, series),
    ...(colour !== undefined && { colour }),
    points: times.map((at) => series.points.get(at) ?? null),
  };
}

function totalOf(query: GraphedQuery, { from }: TimeRange, { source }: DashboardOptions): number | undefined {
  // The template reader lets no expression be of the whole range.
  return 'metric' in query ? source.total({ ...query.metric, since: from }) : undefined;
}

function latest(points: readonly (number | null)[]): number | undefined {
  return points.findLast((point) => point !== null) ?? undefined;
}

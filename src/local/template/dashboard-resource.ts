import { z } from 'zod';
import { errorMessage } from '../../shared/errors.ts';
import { HOUR_MS } from '../../shared/time.ts';
import { parseExpression, parseStatistic } from '../metrics/expression.ts';
import { parseLabel } from '../metrics/label.ts';
import { type DeclaredResource, TemplateError } from './document.ts';
import { checkedQueries, orTemplateError } from './monitoring-resources.ts';
import { readProperties, type TemplateResolver } from './resolver.ts';
import type { DashboardResource, GraphedQuery, Widget } from './resources.ts';

// What the local stack can draw of CloudWatch's dashboards. Source: CloudWatch API reference, "Dashboard Body Structure
// and Syntax". Anything else is an error: it would be deployed, and nobody would have seen it.

const PLACE = { x: z.int(), y: z.int(), width: z.int().min(1).max(24), height: z.int().min(1) };

const COLOUR = z.string().regex(/^#[0-9a-f]{6}$/i);

const GRAPHED = {
  label: z.string().optional(),
  id: z.string().optional(),
  visible: z.boolean().default(true),
  color: COLOUR.optional(),
};
const EXPRESSION = z.strictObject({ ...GRAPHED, expression: z.string(), period: z.int().optional() });
const METRIC_OPTIONS = z.strictObject({
  ...GRAPHED,
  period: z.int().default(300),
  stat: z.string().default('Average'),
});

const METRIC_WIDGET = z.strictObject({
  ...PLACE,
  type: z.literal('metric'),
  properties: z.strictObject({
    view: z.enum(['timeSeries', 'singleValue']),
    title: z.string(),
    region: z.string(),
    stacked: z.boolean().default(false),
    metrics: z.array(z.array(z.unknown()).min(1)),
    yAxis: z.strictObject({ left: z.strictObject({ min: z.literal(0), showUnits: z.literal(false) }) }).optional(),
    annotations: z
      .strictObject({
        horizontal: z.array(
          z.strictObject({ value: z.number(), label: z.string(), color: COLOUR, yAxis: z.literal('left') }),
        ),
      })
      .optional(),
    setPeriodToTimeRange: z.boolean().default(false),
  }),
});

const ALARM_WIDGET = z.strictObject({
  ...PLACE,
  type: z.literal('alarm'),
  properties: z.strictObject({ title: z.string(), alarms: z.array(z.string()) }),
});

const BODY = z.strictObject({
  /** Whole hours before now. */
  start: z.string().regex(/^-PT\d+H$/),
  /** Otherwise CloudWatch chooses the periods. */
  periodOverride: z.literal('inherit'),
  widgets: z.array(z.discriminatedUnion('type', [METRIC_WIDGET, ALARM_WIDGET])),
});

const DASHBOARD = z.strictObject({ DashboardName: z.string().optional(), DashboardBody: z.string() });

/** @throws TemplateError for a widget, an option or an expression that cannot be drawn on this machine. */
export function toDashboard(resource: DeclaredResource, resolver: TemplateResolver): DashboardResource {
  const { logicalId } = resource;
  const { DashboardName, DashboardBody } = readProperties(resource, resolver, DASHBOARD);
  const { start, widgets } = readBody(logicalId, DashboardBody);
  return {
    logicalId,
    name: DashboardName ?? logicalId,
    rangeMs: Number(/\d+/.exec(start)?.[0]) * HOUR_MS,
    widgets: widgets.map((widget) =>
      orTemplateError(`${logicalId}, widget "${widget.properties.title}"`, () => toWidget(widget)),
    ),
  };
}

function readBody(logicalId: string, text: string): z.output<typeof BODY> {
  const result = BODY.safeParse(orTemplateError(logicalId, () => JSON.parse(text)));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new TemplateError(logicalId, `the local stack does not know this in a dashboard: ${issues}.`);
}

function toWidget({ type, properties, ...place }: z.output<typeof BODY>['widgets'][number]): Widget {
  if (type === 'alarm') return { ...place, kind: 'alarms', title: properties.title, alarmArns: properties.alarms };
  const { view, title, stacked, annotations, setPeriodToTimeRange } = properties;
  const queries = checkedQueries(properties.metrics.map(toQuery));
  if (view === 'timeSeries') {
    const lines = (annotations?.horizontal ?? []).map(({ value, label, color }) => ({ value, label, colour: color }));
    return { ...place, kind: 'graph', title, isStacked: stacked, queries, lines };
  }
  if (setPeriodToTimeRange && queries.some((query) => !('metric' in query))) {
    throw new Error('expected metrics, and no expression, where the value is that of the whole time range');
  }
  return { ...place, kind: 'values', title, queries, isOfWholeRange: setPeriodToTimeRange };
}

/** Without a period of its own an expression has that of its metrics, which all are a minute here. */
const DEFAULT_PERIOD_SECONDS = 60;

/** An element of `metrics`: an expression alone, or namespace, name and dimensions of a metric, then its options. */
function toQuery(element: readonly unknown[]): GraphedQuery {
  if (element.length === 1 && typeof element[0] === 'object') {
    const { expression: text, period = DEFAULT_PERIOD_SECONDS, ...options } = parsed(EXPRESSION, element[0]);
    return { ...toLine(options, text), periodSeconds: period, expression: parseExpression(text), text };
  }
  const last = element.at(-1);
  const options = typeof last === 'object' ? last : {};
  const [namespace = '', name = '', ...pairs] = parsed(
    z.array(z.string()),
    element.filter((part) => part !== last || typeof part === 'string'),
  );
  const { stat, period, ...graphed } = parsed(METRIC_OPTIONS, options);
  const dimensions = Object.fromEntries(
    pairs.flatMap((pair, at): [string, string][] => (at % 2 === 0 ? [[pair, pairs[at + 1] ?? '']] : [])),
  );
  const metric = { namespace, name, dimensions, statistic: parseStatistic(stat) };
  return { ...toLine(graphed, name), periodSeconds: period, metric };
}

interface GraphedOptions {
  readonly label?: string | undefined;
  readonly id?: string | undefined;
  readonly visible: boolean;
  readonly color?: string | undefined;
}

function toLine({ label, id, visible, color }: GraphedOptions, ownName: string) {
  return {
    label: parseLabel(label ?? ownName),
    isVisible: visible,
    ...(id !== undefined && { id }),
    ...(color !== undefined && { colour: color }),
  };
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(errorMessage(z.prettifyError(result.error)));
}

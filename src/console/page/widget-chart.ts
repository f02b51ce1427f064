import uPlot from 'uplot';
import { CATEGORIES } from '../../contract/uploads.ts';
import type { WidgetView } from '../../local/metrics/dashboard-view.ts';
import { formatShort } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { type Colours, coloursOf } from './chart.ts';
import { element, fill } from './dom.ts';

type GraphWidget = WidgetView & { readonly kind: 'graph' };
type Series = GraphWidget['series'][number];

/** A graph of a dashboard, with its legend. */
interface WidgetChart {
  readonly content: HTMLElement;
  show(widget: GraphWidget): void;
}

/** Colours of the page for series that have none. */
const PALETTE = ['image', 'archive', 'document', 'code', 'video', 'audio', 'data', 'other'];
/** Charts of one dashboard point at the same minute. */
const SYNC = uPlot.sync('dashboard');

/** Lines or stacked areas, which follow the size of their place and the colours of the page until `signal` is aborted. */
export function createWidgetChart(signal: AbortSignal): WidgetChart {
  const plotted = element('div.widget-plot', { role: 'img' });
  const legend = element('ul.widget-legend');
  const content = element('div.widget-graph', plotted, legend);
  const colour = coloursOf(content);
  let chart: { readonly plot: uPlot; readonly series: number } | undefined;
  let shown: GraphWidget | undefined;
  const current = () => shown ?? EMPTY;
  const point = (position: number | undefined) => showLegend(legend, current(), colour, position);
  const resize = () => chart?.plot.setSize({ width: plotted.clientWidth, height: plotted.clientHeight });
  const resized = new ResizeObserver(resize);
  resized.observe(plotted);
  const recolour = () => {
    chart?.plot.redraw(false, true);
    point(undefined);
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolour, { signal });
  signal.addEventListener('abort', () => {
    resized.disconnect();
    chart?.plot.destroy();
  });
  return {
    content,
    show: (widget) => {
      shown = widget;
      plotted.setAttribute('aria-label', `${visibleText(widget.title)}: ${summaryOf(widget)}`);
      const data = dataOf(widget);
      // The library takes the number of series once, and everything else each time.
      if (chart?.series === widget.series.length) chart.plot.setData(data);
      else {
        chart?.plot.destroy();
        chart = { plot: new uPlot(plotOptions(current, colour, point), data, plotted), series: widget.series.length };
        resize();
      }
      point(chart.plot.cursor.idx ?? undefined);
    },
  };
}

const EMPTY: GraphWidget = {
  ...{ kind: 'graph', title: '', x: 0, y: 0, width: 1, height: 1 },
  ...{ isStacked: false, times: [], series: [], lines: [] },
};

/** Times, then one row a series: of a stack the sums, from its top to its bottom, each drawn over the one before. */
function dataOf({ times, series, isStacked }: GraphWidget): uPlot.AlignedData {
  if (!isStacked) return [[...times], ...series.map(({ points }) => [...points])];
  const sums: number[] = times.map(() => 0);
  const rows = series.map(({ points }) =>
    points.map((point, at) => {
      sums[at] = (sums[at] ?? 0) + (point ?? 0);
      return sums[at];
    }),
  );
  return [[...times], ...rows.reverse()];
}

function plotOptions(
  current: () => GraphWidget,
  colour: Colours,
  onPoint: (position: number | undefined) => void,
): uPlot.Options {
  const { series, isStacked } = current();
  const axis = { stroke: () => colour('muted'), font: '11px system-ui, sans-serif', gap: 4, ticks: { show: false } };
  const lineOf = (_: Series, row: number): uPlot.Series => {
    const position = isStacked ? series.length - 1 - row : row;
    const own = () => colourOf(current().series[position], position, colour);
    return {
      stroke: own,
      width: isStacked ? 0 : 1.5,
      ...(isStacked && { fill: own }),
      points: { show: !isStacked, size: 5, width: 0, fill: own, filter: endsOfLines },
    };
  };
  return {
    width: 300,
    height: 150,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false }, sync: { key: SYNC.key } },
    scales: { y: { range: (_, _min, max) => [0, topOf(current(), max)] } },
    axes: [
      { ...axis, size: 22, space: 60, grid: { show: false }, values: (_, times) => times.map(clockText) },
      {
        ...axis,
        size: 46,
        space: 30,
        grid: { stroke: () => colour('line'), width: 1 },
        values: (_, values) => values.map(formatShort),
      },
    ],
    series: [{}, ...series.map(lineOf)],
    hooks: {
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)],
      draw: [(plot) => drawLines(plot, current(), colour)],
    },
  };
}

/** The ends of each line within the graph: a datapoint without neighbours would be a line without length. */
function endsOfLines(plot: uPlot, row: number): number[] {
  const points = plot.data[row] ?? [];
  const isMissing = (at: number) => points[at] === null;
  return [...points.keys()].filter((at) => !isMissing(at) && (isMissing(at - 1) || isMissing(at + 1)));
}

/** Room for the highest value and the highest line; never a flat chart. */
function topOf({ lines }: GraphWidget, max: number | null): number {
  return Math.max(1, (max ?? 0) * 1.08, ...lines.map(({ value }) => value * 1.2));
}

/** The horizontal lines, each with its label above. */
function drawLines({ ctx, bbox, valToPos }: uPlot, { lines }: GraphWidget, colour: Colours): void {
  ctx.save();
  for (const line of lines) {
    const y = Math.round(valToPos(line.value, 'y', true));
    ctx.strokeStyle = line.colour;
    ctx.fillStyle = colour('text');
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'bottom';
    ctx.fillText(visibleText(line.label), bbox.left + 6 * devicePixelRatio, y - 3 * devicePixelRatio);
  }
  ctx.restore();
}

function showLegend(legend: HTMLElement, { series }: GraphWidget, colour: Colours, position: number | undefined): void {
  fill(
    legend,
    series.map((one, index) => {
      const mark = element('span.mark');
      mark.style.background = colourOf(one, index, colour);
      const value = position === undefined ? undefined : (one.points[position] ?? undefined);
      return element('li', mark, visibleText(one.label), value !== undefined && element('strong', figureText(value)));
    }),
  );
}

function colourOf(series: Series | undefined, position: number, colour: Colours): string {
  if (series?.colour !== undefined) return series.colour;
  const category = CATEGORIES.find((name) => series?.label.split(' ')[0] === name);
  return colour(category ?? PALETTE[position % PALETTE.length] ?? 'other');
}

/** What there is to see, in words. */
function summaryOf({ series }: GraphWidget): string {
  const texts = series.flatMap(({ label, points }) => {
    const known = points.filter((point) => point !== null);
    const last = known.at(-1);
    if (last === undefined) return [];
    return [`${visibleText(label)}, last ${figureText(last)}, at most ${figureText(Math.max(...known))}`];
  });
  return texts.join('; ') || 'no data';
}

/** For people: whole where it is large. */
export function figureText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });
}

/** @param time Epoch seconds. */
function clockText(time = 0): string {
  return new Date(time * 1000).toISOString().slice(11, 16);
}

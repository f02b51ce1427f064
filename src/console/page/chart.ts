import uPlot from 'uplot';
import { formatBytes, formatCount } from '../../shared/format.ts';
import { element, setText, tableHead } from './dom.ts';
import { categoryElement, searchHref } from './record-elements.ts';
import { type Stack, shareAt, shareInAll } from './stack-minutes.ts';

interface ChartOptions {
  /** For example `Uploads a minute`. */
  readonly title: string;
  /** Names of the categories, from the bottom of the stack: their colours are the page's `--NAME`. */
  readonly categories: readonly string[];
  /** How a value is written at the axis. */
  readonly format: (value: number) => string;
  /** Called with the position of the minute that is pointed at; `undefined` when none is. */
  readonly onPoint: (position: number | undefined) => void;
  /** Called with the minutes that are clicked or dragged over: epoch seconds, without the end. */
  readonly onRange: (since: number, until: number) => void;
}

/** A chart of stacked bars, one a minute. */
export interface Chart {
  readonly figure: HTMLElement;
  /** @param summary What there is to see, in words. */
  show(stack: Stack, summary: string): void;
}

const HEIGHT = 226;
/** Charts with the same key point at the same minute. */
const SYNC = uPlot.sync('minutes');

/** A chart that follows the width of its figure and the colours of the page, until `signal` is aborted. */
export function createChart(options: ChartOptions, signal: AbortSignal): Chart {
  const plotted = element('div.plot', { role: 'img' });
  const figure = element(
    'figure.card.chart',
    element('figcaption', options.title, element('span.note', ' UTC')),
    plotted,
  );
  const plot = new uPlot(plotOptions(options, coloursOf(figure)), [[]], plotted);
  plot.over.addEventListener('mouseup', ({ offsetX }) => {
    // Of a click; the library reports what is dragged over.
    if (plot.select.width === 0) options.onRange(...minutesAt(plot, offsetX, offsetX));
  });
  const resized = new ResizeObserver(() => plot.setSize({ width: plotted.clientWidth, height: HEIGHT }));
  resized.observe(plotted);
  const recolour = () => plot.redraw(false, true);
  const theme = matchMedia('(prefers-color-scheme: dark)');
  theme.addEventListener('change', recolour, { signal });
  signal.addEventListener('abort', () => {
    resized.disconnect();
    plot.destroy();
  });
  return {
    figure,
    show: ({ minutes, sums }, summary) => {
      plotted.setAttribute('aria-label', `${options.title}: ${summary}`);
      plot.setData([minutes, ...[...sums].reverse()]);
    },
  };
}

/** The whole minutes between two places of the plot, in its pixels. */
function minutesAt(plot: uPlot, left: number, right: number): [since: number, until: number] {
  const minute = (place: number) => Math.floor(plot.posToVal(place, 'x') / 60) * 60;
  return [minute(left), minute(right) + 60];
}

function plotOptions({ categories, format, onPoint, onRange }: ChartOptions, colour: Colours): uPlot.Options {
  const bars = uPlot.paths.bars?.({ size: [0.84, 24], align: 1, gap: 1 });
  const seriesOf = (name: string): uPlot.Series => ({
    stroke: 'transparent',
    width: 0,
    fill: () => colour(name),
    ...(bars && { paths: bars }),
    points: { show: false },
  });
  const axis = { stroke: () => colour('muted'), font: '11px system-ui, sans-serif', gap: 4 };
  return {
    width: 300,
    height: HEIGHT,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    tzDate: (time) => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
    cursor: {
      drag: { x: true, y: false, setScale: false },
      y: false,
      points: { show: false },
      // The other chart points at the same minute; what is dragged over counts once.
      sync: { key: SYNC.key, filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
    },
    scales: {
      x: { range: (_, min, max) => [min, max + 60] },
      y: { range: (_, _min, max) => [0, axisTop(max)] },
    },
    axes: [
      {
        ...axis,
        size: 26,
        space: 60,
        grid: { show: false },
        ticks: { show: false },
        values: (_, times) => times.map(clockText),
      },
      {
        ...axis,
        size: 58,
        space: 36,
        grid: { stroke: () => colour('line'), width: 1 },
        ticks: { show: false },
        values: (_, values) => values.map((value) => (Number.isInteger(value) ? format(value) : '')),
      },
    ],
    series: [{}, ...[...categories].reverse().map(seriesOf)],
    hooks: {
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width > 0) onRange(...minutesAt(plot, left, left + width));
        },
      ],
    },
  };
}

/** Leaves room above the highest bar; never a flat chart. */
function axisTop(max: number | null): number {
  return Math.max(4, (max ?? 0) * 1.08);
}

/** @param time Epoch seconds. */
function clockText(time = 0): string {
  return new Date(time * 1000).toISOString().slice(11, 16);
}

/** A colour of the page by its name, in the current theme. */
export type Colours = (name: string) => string;

/** A custom property holds the colours of both themes; an element's computed colour is the one that counts. */
export function coloursOf(figure: HTMLElement): Colours {
  const probe = element('span.unseen', { 'aria-hidden': 'true' });
  figure.append(probe);
  return (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
}

/**
 * What the colours mean, and the figures behind the charts.
 *
 * @param categories From the bottom of the stack: listed from its top.
 */
export function createLegend(categories: readonly string[]) {
  const period = element('caption', 'Last hour');
  const rows = categories.map((category, index) => {
    const uploads = element('td');
    const bytes = element('td');
    const row = element(
      'tr',
      element(
        'th',
        { scope: 'row' },
        element('a.quiet', { href: searchHref({ category, last: '1h' }) }, categoryElement(category)),
      ),
      uploads,
      bytes,
    );
    return { index, row, uploads, bytes };
  });
  const body = element('tbody', rows.map(({ row }) => row).reverse());
  const table = element('table.legend', period, tableHead('Category', 'Uploads', 'Bytes'), body);
  let stacks: readonly [Stack, Stack] | undefined;
  let pointed: number | undefined;
  const render = () => {
    if (stacks === undefined) return;
    const [ofUploads, ofBytes] = stacks;
    const share = (stack: Stack, index: number) =>
      pointed === undefined ? shareInAll(stack, index) : shareAt(stack, index, pointed);
    setText(period, pointed === undefined ? 'Last hour' : `${clockText(ofUploads.minutes[pointed])} UTC`);
    for (const { index, row, uploads, bytes } of rows) {
      const count = share(ofUploads, index);
      row.classList.toggle('none', count === 0);
      setText(uploads, formatCount(count));
      setText(bytes, formatBytes(share(ofBytes, index)));
    }
  };
  return {
    figure: element('div.card', table),
    show: (uploads: Stack, bytes: Stack) => {
      stacks = [uploads, bytes];
      render();
    },
    /** Shows one minute instead of the hour. */
    point: (position: number | undefined) => {
      if (position === pointed) return;
      pointed = position;
      render();
    },
  };
}

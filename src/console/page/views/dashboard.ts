import type { DashboardView, WidgetView } from '../../../local/metrics/dashboard-view.ts';
import { errorMessage } from '../../../shared/errors.ts';
import { visibleText } from '../../../shared/text.ts';
import { getJson, isAbort } from '../api.ts';
import { type Child, element, fill, setStatus } from '../dom.ts';
import type { View, ViewContext } from '../router.ts';
import { createWidgetChart, figureText } from '../widget-chart.ts';

/** Milliseconds between two looks at the figures. */
const REFRESH_MS = 5000;

/** Time ranges to choose from, in hours. */
const RANGES = [1, 3, 12, 24];

type OfKind<Kind extends WidgetView['kind']> = WidgetView & { readonly kind: Kind };

/** A widget on the page. */
interface ShownWidget {
  readonly card: HTMLElement;
  /** @param widget The same widget with new figures. */
  show(widget: WidgetView): void;
}

/** The dashboard that the template deploys to CloudWatch, with the figures of the local stack. */
export const dashboardView: View = (main, context) => {
  const { url, signal } = context;
  const hours = url.searchParams.get('hours') ?? '';
  const status = element('p.note', { role: 'status' }, 'Reading ...');
  const ranges = element('nav.dashboard-ranges', { 'aria-label': 'Time range' });
  const raised = element('div.raised', { role: 'status' });
  const grid = element('div.dashboard');
  const head = element('div.view-head', element('h1', { tabindex: -1 }, 'Dashboard'), status, ranges);
  fill(main, head, element('p.note', INTRODUCTION), raised, grid);
  let shown: ShownWidget[] | undefined;
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const view = await getJson<DashboardView>(`/api/dashboard?${new URLSearchParams({ hours })}`, signal);
      if (shown === undefined) {
        shown = view.widgets.map((widget) => showWidget(widget, signal));
        fill(
          grid,
          shown.map(({ card }) => card),
        );
        fill(ranges, rangeLinks(view));
      }
      for (const [index, widget] of view.widgets.entries()) shown[index]?.show(widget);
      showRaised(raised, view);
      setStatus(status, `As of ${new Date().toISOString().slice(11, 19)} UTC`);
    } catch (error) {
      if (!isAbort(error)) setStatus(status, errorMessage(error), true);
    }
  };
  void refresh();
  const clock = setInterval(() => void refresh(), REFRESH_MS);
  document.addEventListener('visibilitychange', () => void refresh(), { signal });
  signal.addEventListener('abort', () => clearInterval(clock));
};

const INTRODUCTION =
  'What the template deploys to CloudWatch, drawn from the metrics of this local stack. CloudWatch draws the same widgets a minute or two later.';

function rangeLinks({ since, until }: DashboardView): HTMLElement[] {
  return RANGES.map((hours) => {
    const isShown = until - since === hours * 3600;
    return element('a', { href: `/dashboard?hours=${hours}`, 'aria-current': isShown && 'true' }, `${hours} h`);
  });
}

/** Draws a widget in its place of the grid, which has 24 columns on a wide screen. */
function showWidget(widget: WidgetView, signal: ViewContext['signal']): ShownWidget {
  const body = createBody(widget, signal);
  const card = element('section.card.widget', { 'aria-label': visibleText(widget.title) });
  card.append(element('h2', visibleText(widget.title)), body.content);
  card.classList.add(`widget-${widget.kind}`);
  card.style.setProperty('--column', `${widget.x + 1} / span ${widget.width}`);
  card.style.setProperty('--row', `${widget.y + 1} / span ${widget.height}`);
  return { card, show: body.show };
}

function createBody(widget: WidgetView, signal: AbortSignal): Pick<ShownWidget, 'show'> & { content: HTMLElement } {
  if (widget.kind === 'graph') {
    const chart = createWidgetChart(signal);
    return { content: chart.content, show: (view) => view.kind === 'graph' && chart.show(view) };
  }
  if (widget.kind === 'alarms') {
    const list = element('ul.alarms', { tabindex: 0, 'aria-label': visibleText(widget.title) });
    return { content: list, show: (view) => view.kind === 'alarms' && showAlarms(list, view) };
  }
  const values = element('dl.values');
  return { content: values, show: (view) => view.kind === 'values' && showValues(values, view) };
}

const STATES = { ALARM: 'In alarm', OK: 'OK', INSUFFICIENT_DATA: 'Insufficient data' } as const;

/** Those in alarm first. */
function showAlarms(list: HTMLElement, { alarms }: OfKind<'alarms'>): void {
  const rank = (state: string) => Number(state !== 'ALARM');
  fill(
    list,
    alarms
      .toSorted((a, b) => rank(a.state) - rank(b.state))
      .map(({ name, state }) =>
        element('li', { class: state.toLowerCase() }, element('strong', STATES[state]), breakable(visibleText(name))),
      ),
  );
}

/** A long name, which may break after each of its parts. */
function breakable(name: string): Child[] {
  return name.split(/(?<=\/)/).flatMap((part) => [part, element('wbr')]);
}

/** What the alarms that are raised say: on AWS it is in their emails. */
function showRaised(place: HTMLElement, { widgets }: DashboardView): void {
  const alarms = widgets.flatMap((widget) => (widget.kind === 'alarms' ? widget.alarms : []));
  const raised = alarms.filter(({ state }) => state === 'ALARM');
  fill(
    place,
    raised.map(({ description }) => element('p.notice', visibleText(description))),
  );
}

function showValues(list: HTMLElement, { values }: OfKind<'values'>): void {
  fill(
    list,
    values.map(({ label, value, colour }) => {
      const figure = element('dd.figure', value === undefined ? '--' : figureText(value));
      if (colour !== undefined) figure.style.color = colour;
      return element('div', element('dt', visibleText(label)), figure);
    }),
  );
}

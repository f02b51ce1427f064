import type { SourceView } from '../api-types.ts';
import type { LiveStore } from './live-store.ts';

/** What a view has to work with. */
export interface ViewContext {
  readonly source: SourceView;
  readonly live: LiveStore;
  /** The address that the view is at. */
  readonly url: URL;
  /** Aborted when the view is left: listeners and requests end with it. */
  readonly signal: AbortSignal;
  /** Goes to another address of the console. */
  readonly go: (address: string) => void;
}

/** Shows itself in `main`. */
export type View = (main: HTMLElement, context: ViewContext) => void;

/** Shows the view of `url`; everything that it starts ends with `signal`. */
type ShowView = (url: URL, go: (address: string) => void, signal: AbortSignal) => void;

/** Follows links and the browser's history within the page, so that the connection to the console stays open. */
export function startRouter(show: ShowView): void {
  let current = new AbortController();
  const render = () => {
    current.abort();
    current = new AbortController();
    show(new URL(location.href), go, current.signal);
  };
  const go = (address: string) => {
    if (address !== location.pathname + location.search) history.pushState(null, '', address);
    render();
    window.scrollTo(0, 0);
    // Moving the focus announces the change to a screen reader.
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  };
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || !isPlainClick(event) || !staysHere(link)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
  window.addEventListener('popstate', render);
  render();
}

/** With any other click the browser opens a tab or downloads. */
function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

function staysHere(link: HTMLAnchorElement): boolean {
  return link.origin === location.origin && link.hash === '' && link.target === '' && !link.hasAttribute('download');
}

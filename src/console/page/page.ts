import { errorMessage } from '../../shared/errors.ts';
import { formatCount } from '../../shared/format.ts';
import type { SourceView } from '../api-types.ts';
import { getJson } from './api.ts';
import { element, fill, list, setText } from './dom.ts';
import { LiveStore } from './live-store.ts';
import { startRouter, type View } from './router.ts';
import { openSession } from './session.ts';
import { dashboardView } from './views/dashboard.ts';
import { failedView } from './views/failed.ts';
import { healthView } from './views/health.ts';
import { liveView } from './views/live.ts';
import { mailView } from './views/mail.ts';
import { objectView } from './views/object.ts';
import { searchView } from './views/search.ts';
import { statisticsView } from './views/statistics.ts';
import { uploadView } from './views/upload.ts';

interface Place {
  readonly path: string;
  readonly title: string;
  /** Whether it is left out of the navigation. */
  readonly isHidden?: boolean;
  readonly view: View;
}

/** For an address that is none of the console's, and for a view that this ledger does not have. */
const NOWHERE: Place = {
  path: '',
  title: 'Not found',
  view: (main) =>
    fill(
      main,
      element('h1', { tabindex: -1 }, 'Nothing is here'),
      element(
        'p',
        'The console has no page at this address. See ',
        element('a', { href: '/' }, 'what arrives now'),
        ' or ',
        element('a', { href: '/search' }, 'search the ledger'),
        '.',
      ),
    ),
};

function listPlaces({ canUpload, hasDashboard }: SourceView): Place[] {
  return [
    { path: '/', title: 'Live', view: liveView },
    { path: '/search', title: 'Search', view: searchView },
    { path: '/statistics', title: 'Statistics', view: statisticsView },
    ...(hasDashboard ? [{ path: '/dashboard', title: 'Dashboard', view: dashboardView }] : []),
    { path: '/object', title: 'Object', view: objectView, isHidden: true },
    { path: '/failed', title: 'Failed', view: failedView },
    { path: '/health', title: 'Health', view: healthView },
    { path: '/mail', title: 'Mail', view: mailView },
    ...(canUpload ? [{ path: '/upload', title: 'Upload', view: uploadView }] : []),
  ];
}

async function start(): Promise<void> {
  const main = byId('main');
  await openSession();
  const source = await getJson<SourceView>('/api/source');
  const live = new LiveStore();
  const places = listPlaces(source);
  const shown = places.filter(({ isHidden }) => !isHidden);
  const links = new Map(shown.map(({ path, title }) => [path, element('a', { href: path }, title)]));
  fill(byId('views'), list([...links.values()]));
  showState(source, live, links.get('/failed'));
  startRouter((url, go, signal) => {
    const place = places.find(({ path }) => path === url.pathname) ?? NOWHERE;
    document.title = `${place.title} - upload-ledger`;
    for (const [path, link] of links) {
      if (path === place.path) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    main.className = `view-${place.title.toLowerCase().replace(' ', '-')}`;
    fill(main);
    place.view(main, { source, live, url, signal, go });
  });
  void live.connect('/api/live');
}

/** In every view: what is shown, whether it is live, and how many dead letters wait. */
function showState(source: SourceView, live: LiveStore, failed: HTMLAnchorElement | undefined): void {
  const dot = element('span.dot');
  const name = element('span.source-name', { title: `${source.bucketName} in ${source.region}` }, source.name);
  const state = element('span.unseen');
  fill(byId('source'), dot, name, state);
  const badge = element('span.badge', { hidden: true });
  failed?.append(badge);
  const show = () => {
    const isLive = live.isConnected && live.trouble === undefined;
    dot.classList.toggle('on', isLive);
    setText(state, isLive ? ', live' : ', not live');
    const count = live.queues?.deadLetters ?? 0;
    badge.hidden = count === 0;
    setText(badge, formatCount(count));
  };
  show();
  live.listen(show);
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`Expected the page to have an element "${id}".`);
  return found;
}

start().catch((error: unknown) =>
  fill(byId('main'), element('h1.unseen', 'upload-ledger'), element('p.notice', errorMessage(error))),
);

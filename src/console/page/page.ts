import type { SourceView } from '../api-types.ts';
import { getJson, messageOf } from './api.ts';
import { element, fill, setText } from './dom.ts';
import { LiveStore } from './live-store.ts';
import { countText } from './record-elements.ts';
import type { View } from './router.ts';
import { openRouter } from './router.ts';
import { failedView } from './views/failed.ts';
import { liveView } from './views/live.ts';
import { mailView } from './views/mail.ts';
import { objectView } from './views/object.ts';
import { searchView } from './views/search.ts';
import { uploadView } from './views/upload.ts';

interface Place {
  readonly path: string;
  /** In the navigation; without one, the place is not in it. */
  readonly label?: string;
  readonly title: string;
  readonly view: View;
}

function placesOf({ canUpload }: SourceView): Place[] {
  return [
    { path: '/', label: 'Live', title: 'Live', view: liveView },
    { path: '/search', label: 'Search', title: 'Search', view: searchView },
    { path: '/object', title: 'Object', view: objectView },
    { path: '/failed', label: 'Failed', title: 'Failed', view: failedView },
    { path: '/mail', label: 'Mail', title: 'Mail', view: mailView },
    ...(canUpload ? [{ path: '/upload', label: 'Upload', title: 'Upload', view: uploadView }] : []),
  ];
}

async function start(): Promise<void> {
  const main = byId('main');
  const source = await getJson<SourceView>('/api/source');
  const live = new LiveStore();
  const places = placesOf(source);
  const links = new Map(places.flatMap((place) => (place.label === undefined ? [] : [[place.path, navLink(place)]])));
  fill(
    byId('views'),
    element(
      'ul',
      {},
      [...links.values()].map((link) => element('li', {}, link)),
    ),
  );
  showState(source, live, links.get('/failed'));
  openRouter((url, go, signal) => {
    const place = places.find(({ path }) => path === url.pathname) ?? places[0];
    if (place === undefined) return;
    document.title = `${place.title} - upload-ledger`;
    for (const [path, link] of links) {
      if (path === place.path) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    main.className = `view-${place.title.toLowerCase().replace(' ', '-')}`;
    fill(main);
    place.view(main, { source, live, url, signal, go });
  });
  live.connect('/api/live');
}

function navLink({ path, label = '' }: Place): HTMLAnchorElement {
  return element('a', { href: path }, label);
}

/** Where this is from, whether it is live, and how many dead letters wait: seen from every view. */
function showState(source: SourceView, live: LiveStore, failed: HTMLAnchorElement | undefined): void {
  const dot = element('span', { class: 'dot' });
  const name = element(
    'span',
    { class: 'source-name', title: `${source.bucketName} in ${source.region}` },
    source.name,
  );
  const state = element('span', { class: 'unseen' });
  fill(byId('source'), dot, name, state);
  const badge = element('span', { class: 'badge', hidden: true });
  failed?.append(badge);
  const show = () => {
    const isLive = live.isConnected && live.trouble === undefined;
    dot.classList.toggle('on', isLive);
    setText(state, isLive ? ', live' : ', not live');
    const count = live.queues?.deadLetters ?? 0;
    badge.hidden = count === 0;
    setText(badge, countText(count));
  };
  show();
  live.listen(show, new AbortController().signal);
}

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`Expected the page to have an element "${id}".`);
  return found;
}

start().catch((error: unknown) => fill(byId('main'), element('p', { class: 'notice' }, messageOf(error))));

/**
 * The token that lets this page in. It is in the link's fragment, then in the tab's session storage, which no other
 * server can read: unlike cookies, storage knows ports.
 */

const TOKEN = 'token';

/** Milliseconds in which other tabs of the console answer. */
const OTHER_TABS_MS = 300;

/** Joins the tabs of this console, and nobody else: browsers keep the channels of different ports apart. */
const tabs = new BroadcastChannel('upload-ledger-console');

interface TabMessage {
  /** Absent: the tab asks for it. */
  readonly token?: string;
}

/** Whether the address held a new token. It is taken out of the address. */
function takeFromAddress(): boolean {
  const token = new URLSearchParams(location.hash.slice(1)).get(TOKEN);
  if (token === null) return false;
  sessionStorage.setItem(TOKEN, token);
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}

/** Takes the token from the address, or asks other tabs for it: a link inside the console may open a tab of its own. */
export async function openSession(): Promise<void> {
  // Somebody may paste a new link over the address of an open page.
  window.addEventListener('hashchange', () => takeFromAddress() && location.reload());
  takeFromAddress();
  if (sessionToken() === null) await askOtherTabs();
  tabs.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => {
    const token = sessionToken();
    if (data.token === undefined && token !== null) tabs.postMessage({ token } satisfies TabMessage);
  });
}

export function sessionToken(): string | null {
  return sessionStorage.getItem(TOKEN);
}

async function askOtherTabs(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const take = ({ data }: MessageEvent<TabMessage>) => {
    if (data.token === undefined) return;
    sessionStorage.setItem(TOKEN, data.token);
    resolve();
  };
  tabs.addEventListener('message', take);
  tabs.postMessage({} satisfies TabMessage);
  setTimeout(resolve, OTHER_TABS_MS);
  await promise;
  tabs.removeEventListener('message', take);
}

import type { Handler } from '../server/exchange.ts';
import type { Listener, LiveFeed } from './live-feed.ts';

/** Bytes that may wait for a page that reads too slowly; then its connection ends, and it begins anew by itself. */
const MOST_WAITING = 8 * 1024 * 1024;

/** Answers with server-sent events: `snapshot` once, then `change`, until the page goes away. */
export function liveStream(feed: LiveFeed): Handler {
  return async ({ response, signal }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const send = (event: string, value: unknown) => {
      // JSON holds no line break of its own, so one `data:` line is enough.
      response.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
      if (response.writableLength > MOST_WAITING) response.destroy();
    };
    const listener: Listener = (change) => send('change', change);
    send('snapshot', feed.listen(listener));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    feed.unlisten(listener);
    response.end();
  };
}

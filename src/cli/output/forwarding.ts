import type { DeliveryReport } from '../../local/events/deliveries.ts';
import { formatDuration } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';

/** The address of a server to show: without its query, which can hold a secret. */
export function shownAddress(url: string): string {
  const { origin, pathname } = new URL(url);
  return visibleText(`${origin}${pathname}`);
}

interface Line {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/**
 * What to say about each request to a server that events are forwarded to: every delivery, but of failures in a row only
 * the first, and each that is final.
 *
 * @returns the line for a report, if any.
 */
export function createForwardingLog(): (report: DeliveryReport) => Line | undefined {
  let isFailing = false;
  return ({ event, url, outcome, nextAfterMs }) => {
    const what = `${event['detail-type']} ${String(event.detail.id).slice(0, 8)}`;
    if (outcome.isDelivered) {
      isFailing = false;
      return { stream: 'stdout', text: `          ${what} delivered to ${shownAddress(url)} (${outcome.status})` };
    }
    if (nextAfterMs === undefined) {
      return { stream: 'stderr', text: `${what} is given up: ${outcome.message} It is a dead letter now.` };
    }
    if (isFailing) return undefined;
    isFailing = true;
    const retry = `Events are sent again, ${what} in ${formatDuration(nextAfterMs)}.`;
    return { stream: 'stderr', text: `${shownAddress(url)} does not accept events: ${outcome.message} ${retry}` };
  };
}

import { HOUR_MS } from '../../shared/time.ts';
import { deadLettersView, exportDeadLetters, parseRedriveRequest, redriveWithProgress } from '../api/dead-letters.ts';
import { inboxView, readHtml, requiredDigest, toPreviewView } from '../api/emails.ts';
import { exportRecords } from '../api/export.ts';
import { optionalHours, parseUploads, requiredText, toDeadLetterFilters } from '../api/parameters.ts';
import { objectView, search } from '../api/records.ts';
import { statisticsView } from '../api/statistics.ts';
import type { SignedUploadsView, SourceView, TicketView } from '../api-types.ts';
import { type LiveFeed, liveStream } from '../live/live-feed.ts';
import type { ConsoleSource } from '../source.ts';
import { type AccessRules, withTicket } from './access.ts';
import {
  BadRequestError,
  EMAIL_POLICY,
  type Exchange,
  type Handler,
  JSON_LINES_TYPE,
  readJson,
  sendDownload,
  sendJson,
  sendJsonLines,
} from './answer.ts';

interface RouteOptions {
  readonly source: ConsoleSource;
  readonly feed: LiveFeed;
  readonly rules: AccessRules;
  readonly now: () => number;
  readonly explain: (error: unknown) => string;
}

type Routes = Record<`${'GET' | 'POST'} ${string}`, Handler>;

/** Handlers by method and path. What a source cannot do has no route. */
export function createRoutes(options: RouteOptions): ReadonlyMap<string, Handler> {
  const { source } = options;
  return new Map(
    Object.entries({
      ...ledgerRoutes(options),
      ...ticketRoutes(options),
      ...deadLetterRoutes(options),
      ...dashboardRoutes(source),
      ...digestRoutes(source),
      ...inboxRoutes(source),
      ...uploadRoutes(source),
    }),
  );
}

function ledgerRoutes({ source, feed, now, explain }: RouteOptions): Routes {
  const { reader } = source;
  return {
    'GET /api/source': async (exchange) => sendJson(exchange, toSourceView(source)),
    'GET /api/health': (exchange) => sendJsonLines(exchange, source.checkHealth(), explain),
    'GET /api/live': liveStream(feed),
    'GET /api/records': (exchange) => {
      const { url, signal } = exchange;
      return sendJsonLines(exchange, search(reader, url.searchParams, now(), signal), explain);
    },
    'GET /api/statistics': async (exchange) => {
      const { url, signal } = exchange;
      sendJson(exchange, await statisticsView(reader, url.searchParams, now(), signal));
    },
    'GET /api/export': (exchange) => {
      const { file, lines } = exportRecords(reader, exchange.url.searchParams, now(), exchange.signal);
      return sendDownload(exchange, file, lines);
    },
    'GET /api/object': async (exchange) => {
      const { searchParams: query } = exchange.url;
      const object = { bucket: requiredText(query, 'bucket'), key: requiredText(query, 'key') };
      sendJson(exchange, await objectView(reader, object, exchange.signal));
    },
  };
}

/** For addresses that the browser itself asks for, without the page's header. */
function ticketRoutes({ rules }: RouteOptions): Routes {
  return {
    'GET /api/ticket': async (exchange) => {
      const address = requiredText(exchange.url.searchParams, 'address');
      if (!URL.canParse(address, exchange.url.href)) throw new BadRequestError('Expected an address of the console.');
      sendJson(exchange, { address: withTicket(new URL(address, exchange.url), rules) } satisfies TicketView);
    },
  };
}

/** Reading hides the messages from other readers for a moment: it is POST, except for the download of a file. */
function deadLetterRoutes({ source, explain }: RouteOptions): Routes {
  const { queues } = source;
  return {
    'POST /api/dead-letters': async (exchange) => {
      const filters = toDeadLetterFilters(exchange.url.searchParams);
      sendJson(exchange, await deadLettersView(queues, filters, exchange.signal));
    },
    'GET /api/dead-letters/export': (exchange) => {
      const lines = exportDeadLetters(queues, toDeadLetterFilters(exchange.url.searchParams), exchange.signal);
      return sendDownload(exchange, { name: 'dead-letters.jsonl', contentType: JSON_LINES_TYPE }, lines);
    },
    'POST /api/redrive': async (exchange) => {
      const request = parseRedriveRequest(await readJson(exchange));
      await sendJsonLines(exchange, redriveWithProgress(queues, request, exchange.signal), explain);
    },
  };
}

function dashboardRoutes({ dashboard }: ConsoleSource): Routes {
  if (dashboard === undefined) return {};
  return {
    'GET /api/dashboard': async (exchange) => {
      const hours = optionalHours(exchange.url.searchParams, 'hours');
      sendJson(exchange, dashboard(hours && hours * HOUR_MS));
    },
  };
}

function digestRoutes({ previewDigest, digests }: ConsoleSource): Routes {
  const preview = ({ url }: Exchange) => previewDigest(requiredDigest(url.searchParams, digests));
  return {
    'GET /api/digest': async (exchange) => sendJson(exchange, toPreviewView(await preview(exchange))),
    'GET /mail/digest': async (exchange) => sendEmail(exchange, (await preview(exchange)).email.html),
  };
}

function inboxRoutes({ inbox }: ConsoleSource): Routes {
  if (inbox === undefined) return {};
  return {
    'GET /api/mail': async (exchange) => sendJson(exchange, await inboxView(inbox)),
    'GET /mail/message': async (exchange) => {
      const html = await readHtml(inbox, requiredText(exchange.url.searchParams, 'id'));
      sendEmail(exchange, html ?? '<p>There is no such email.</p>');
    },
  };
}

function uploadRoutes({ uploads }: ConsoleSource): Routes {
  if (uploads === undefined) return {};
  return {
    'POST /api/uploads': async (exchange) => {
      const wanted = parseUploads(await readJson(exchange));
      sendJson(exchange, { urls: await Promise.all(wanted.map(uploads.sign)) } satisfies SignedUploadsView);
    },
  };
}

/** An email holds markup from elsewhere: it goes into a frame in which nothing runs. */
function sendEmail({ response }: Exchange, html: string): void {
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': EMAIL_POLICY })
    .end(html);
}

function toSourceView({
  name,
  isLocal,
  stackName,
  region,
  bucketName,
  digests,
  inbox,
  uploads,
  dashboard,
}: ConsoleSource): SourceView {
  const can = {
    hasDashboard: dashboard !== undefined,
    hasInbox: inbox !== undefined,
    canUpload: uploads !== undefined,
  };
  return { name, isLocal, ...(stackName !== undefined && { stackName }), region, bucketName, digests, ...can };
}

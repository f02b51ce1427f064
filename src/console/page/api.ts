import type { TicketView } from '../api-types.ts';
import { sessionToken } from './session.ts';

/** Something that the console answered with an error, or did not answer. The message is for people. */
class ApiError extends Error {
  override readonly name: string = 'ApiError';
}

/** This page is not let in, or not any more. Only a new link helps. */
export class NotLetInError extends ApiError {
  override readonly name = 'NotLetInError';
}

/** @throws ApiError */
export async function getJson<Value>(path: string, signal?: AbortSignal): Promise<Value> {
  const response = await ask(path, { ...(signal && { signal }) });
  return (await response.json()) as Value;
}

/** @throws ApiError */
export async function postJson<Value>(path: string, body: unknown, signal?: AbortSignal): Promise<Value> {
  const response = await ask(path, { method: 'POST', body: JSON.stringify(body), ...(signal && { signal }) });
  return (await response.json()) as Value;
}

/** The address with a ticket, for what the browser itself asks for. @throws ApiError */
export async function withTicket(address: string, signal?: AbortSignal): Promise<string> {
  return (await getJson<TicketView>(`/api/ticket?${new URLSearchParams({ address })}`, signal)).address;
}

/**
 * The lines of a streamed answer, each a JSON object.
 *
 * @throws ApiError also for a line with an error.
 */
export async function* jsonLines<Line extends object>(
  path: string,
  init: RequestInit = {},
): AsyncGenerator<Exclude<Line, { readonly error: string }>> {
  const response = await ask(path, init);
  if (response.body === null) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const value = JSON.parse(line) as Line;
      if ('error' in value) throw new ApiError(String(value.error));
      yield value as Exclude<Line, { readonly error: string }>;
    }
  }
}

/** Whether `error` only means that the answer is not wanted any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const token = sessionToken();
  if (token === null) throw new NotLetInError('Open the link that the console printed when it started.');
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(path, { ...init, headers }).catch((error: unknown) => {
    if (isAbort(error)) throw error;
    throw new ApiError('The console does not answer: it may have been stopped.');
  });
  if (response.ok) return response;
  if (response.status === 401) throw new NotLetInError('The console was started again: open its new link.');
  throw new ApiError(readError(await response.text()));
}

function readError(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown };
    return typeof error === 'string' ? error : text;
  } catch {
    return text;
  }
}

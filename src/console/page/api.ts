/** Something that the console answered with an error, or did not answer. The message is for people. */
class ApiError extends Error {
  override readonly name = 'ApiError';
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
  const response = await fetch(path, init).catch((error: unknown) => {
    if (isAbort(error)) throw error;
    throw new ApiError('The console does not answer: it may have been stopped.');
  });
  if (response.ok) return response;
  const text = await response.text();
  throw new ApiError(response.status === 403 ? 'The console was started again: open its new link.' : readError(text));
}

function readError(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown };
    return typeof error === 'string' ? error : text;
  } catch {
    return text;
  }
}

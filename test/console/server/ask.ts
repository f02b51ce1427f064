import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Question {
  readonly method?: string;
  /** As it is sent: not normalised, as a browser would do. */
  readonly path?: string;
  /** Also such as a browser lets nobody set. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Asks the server at `url`. */
export function ask(url: string, { method = 'GET', path = '/', headers = {}, body }: Question = {}): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** The token in a console's link. */
export function tokenOf({ link }: { readonly link: string }): string {
  return new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';
}

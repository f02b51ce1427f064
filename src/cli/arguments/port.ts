import { UsageError } from '../usage-error.ts';

/**
 * A port number.
 *
 * @throws UsageError when it is none.
 */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new UsageError('Expected a port number from 1 to 65535.');
}

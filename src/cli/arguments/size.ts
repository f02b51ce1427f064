import { UsageError } from '../usage-error.ts';

const PREFIXES = ['', 'k', 'm', 'g', 't', 'p'];

/**
 * Bytes of a size such as `500`, `10MB` (decimal), `1.5 GiB` (binary); upper and lower case alike.
 *
 * @throws UsageError when it is none.
 */
export function parseSize(text: string): number {
  const [, figure, prefix = '', binary] = /^(\d+(?:\.\d+)?)\s*(?:([kmgtp]?)(i?)b)?$/i.exec(text.trim()) ?? [];
  const exponent = PREFIXES.indexOf(prefix.toLowerCase());
  const bytes = Math.ceil(Number(figure) * (binary ? 1024 : 1000) ** exponent);
  if (!Number.isSafeInteger(bytes) || (binary && prefix === '')) {
    throw new UsageError('Expected a size such as "500", "10MB" or "1GiB".');
  }
  return bytes;
}

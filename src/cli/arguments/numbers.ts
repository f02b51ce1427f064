import { ArgumentError } from '../errors.ts';

/** A parser of whole numbers from `min` to `max`. It throws an ArgumentError for anything else. */
export function parseWholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new ArgumentError(`a whole number from ${min} to ${max}`);
  };
}

/** A whole number of 1 or more. @throws ArgumentError for anything else. */
export function parseCount(text: string): number {
  return parseAtLeast(1, text);
}

/** A whole number of 0 or more. @throws ArgumentError for anything else. */
export function parseCountOrNone(text: string): number {
  return parseAtLeast(0, text);
}

function parseAtLeast(min: number, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < min) {
    throw new ArgumentError(`a whole number of ${min} or more`);
  }
  return count;
}

/** A port number. @throws ArgumentError for anything else. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new ArgumentError('a port number from 1 to 65535');
}

const PREFIXES = ['', 'k', 'm', 'g', 't', 'p'];

/**
 * Bytes of a size such as `500`, `10MB` (decimal) or `1.5 GiB` (binary), in any case.
 *
 * @throws ArgumentError for anything else.
 */
export function parseSize(text: string): number {
  const [, figure, prefix = '', binary] = /^(\d+(?:\.\d+)?)\s*(?:([kmgtp]?)(i?)b)?$/i.exec(text.trim()) ?? [];
  const exponent = PREFIXES.indexOf(prefix.toLowerCase());
  const bytes = Math.ceil(Number(figure) * (binary ? 1024 : 1000) ** exponent);
  if (!Number.isSafeInteger(bytes) || (binary && prefix === '')) {
    throw new ArgumentError('a size such as "500", "10MB" or "1GiB"');
  }
  return bytes;
}

import { fstatSync } from 'node:fs';

/** What the program needs of a stream: `process.stdout` and `process.stderr` have it. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** File descriptor. */
  readonly fd?: number;
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** One of the program's two outputs. */
export interface Output {
  readonly isTerminal: boolean;
  readonly hasColour: boolean;
  /** Whether it goes to a file that is empty so far. */
  readonly isNewFile: boolean;
  /** Columns of the terminal, now. Infinite without a terminal, so that nothing is cut. */
  readonly width: number;
  /** Writes a line, and waits while the reader is slower. Does nothing once the stream is closed. */
  line(text: string): Promise<void>;
  readonly stream: OutputStream;
}

interface OutputSettings {
  /** As `NO_COLOR` of https://no-color.org wants it. */
  readonly wantsColour: boolean;
  /** Called when the stream cannot be written to any more: `EPIPE` when the reader has gone, as `head` does. */
  readonly onClosed?: (error: NodeJS.ErrnoException) => void;
}

/** Columns of a terminal that does not say how many it has. */
const DEFAULT_WIDTH = 80;

/** The output that writes to `stream`. */
export function createOutput(stream: OutputStream, { wantsColour, onClosed }: OutputSettings): Output {
  const isTerminal = stream.isTTY === true;
  let wake: (() => void) | undefined;
  let isClosed = false;
  stream.on('error', (error) => {
    isClosed = true;
    wake?.();
    onClosed?.(error);
  });
  const line = async (text: string) => {
    // The stream may close during the write; it emits no "drain" then.
    if (isClosed || stream.write(`${text}\n`) || isClosed) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
      stream.once('drain', resolve);
    });
  };
  return {
    isTerminal,
    hasColour: isTerminal && wantsColour,
    isNewFile: stream.fd !== undefined && isNewFile(stream.fd),
    get width() {
      return isTerminal ? stream.columns || DEFAULT_WIDTH : Number.POSITIVE_INFINITY;
    },
    line,
    stream,
  };
}

function isNewFile(fd: number): boolean {
  const stats = fstatSync(fd);
  return stats.isFile() && stats.size === 0;
}

/** Codes of ECMA-48, "Select Graphic Rendition": on and off. */
const STYLES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], cyan: [36, 39] } as const;

export type Style = keyof typeof STYLES;

/** `text` in a style, where the output has colour. The text itself must be printable. */
export function paint(text: string, style: Style | undefined, { hasColour }: Pick<Output, 'hasColour'>): string {
  if (!hasColour || style === undefined || text === '') return text;
  const [on, off] = STYLES[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

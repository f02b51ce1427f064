import type { Readable } from 'node:stream';

/** Longest line handed on in one piece, in characters: CloudWatch Logs takes events of up to 1 MB. */
const LONGEST_LINE = 1_000_000;

/** Calls `onLine` for each line of a stream of UTF-8 text, without its line end. The stream's last line may lack one. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (rest.length > LONGEST_LINE) {
      onLine(rest);
      rest = '';
    }
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

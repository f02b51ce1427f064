import { pad } from './fit.ts';
import type { Output } from './output.ts';
import { paint } from './paint.ts';

/** Writes names and values, one pair a line, the values below each other. They must be printable. */
export async function writeDetails(
  output: Output,
  details: readonly (readonly [name: string, value: string])[],
): Promise<void> {
  const width = Math.max(0, ...details.map(([name]) => name.length));
  for (const [name, value] of details) {
    await output.line(`  ${paint(pad(name, width), 'dim', output.hasColour)}  ${value}`);
  }
}

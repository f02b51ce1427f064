/** One bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Stands out: ours. */
  readonly isOurs: boolean;
}

export interface Chart {
  readonly title: string;
  /** Below the title: the unit, and which way is better. */
  readonly subtitle: string;
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
}

const WIDTH = 720;
const LABELS = 270;
const VALUES = 90;
const TOP = 64;
const ROW = 34;
const BAR = 18;
const BOTTOM = 12;

/** Colours with enough contrast on white and on black; the page's colour scheme chooses. */
const STYLE = `
  text { font: 14px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 } .subtitle { fill: #59636e; font-size: 13px }
  .bar { fill: #8c959f } .ours { fill: #0a6bcb } .range { stroke: #1f2328; stroke-width: 1.5; fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .subtitle { fill: #9198a1 } .bar { fill: #656c76 } .ours { fill: #4493f8 } .range { stroke: #f0f6fc }
  }`;

/** A chart of lying bars with their range, as SVG that needs nothing from outside. */
export function renderChart({ title, subtitle, bars, format }: Chart): string {
  const longest = Math.max(...bars.map(({ maximum }) => maximum));
  const height = TOP + bars.length * ROW + BOTTOM;
  const described = bars.map(({ label, value }) => `${label}: ${format(value)}`).join('; ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(`${title}. ${described}`)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="8" y="24">${escaped(title)}</text>`,
    `<text class="subtitle" x="8" y="46">${escaped(subtitle)}</text>`,
    ...bars.map((bar, index) => renderBar(bar, TOP + index * ROW, longest, format)),
    '</svg>\n',
  ].join('\n');
}

function renderBar(bar: Bar, top: number, longest: number, format: (value: number) => string): string {
  const scale = (value: number) => ((WIDTH - LABELS - VALUES) * value) / longest;
  const x = (value: number) => (LABELS + scale(value)).toFixed(1);
  const middle = top + BAR / 2;
  const range = `M${x(bar.minimum)} ${middle - 4}v8m0-4H${x(bar.maximum)}m0-4v8`;
  return [
    `<text x="${LABELS - 10}" y="${middle + 5}" text-anchor="end">${escaped(bar.label)}</text>`,
    `<rect class="${bar.isOurs ? 'ours' : 'bar'}" x="${LABELS}" y="${top}" width="${Math.max(1, scale(bar.value)).toFixed(1)}" height="${BAR}" rx="2"/>`,
    `<path class="range" d="${range}"/>`,
    `<text x="${(LABELS + scale(bar.maximum) + 8).toFixed(1)}" y="${middle + 5}">${escaped(format(bar.value))}</text>`,
  ].join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

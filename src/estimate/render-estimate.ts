import type { CostLine } from './estimate-cost.ts';

/** Dollars of each service, dearest first, in cents. */
export function dollarsByService(lines: readonly CostLine[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { service, dollars } of lines) sums.set(service, (sums.get(service) ?? 0) + dollars);
  return new Map([...sums].sort(([, one], [, other]) => other - one));
}

export function totalDollars(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** The estimate as a table: each service with its lines below it, and the sum. */
export function renderEstimate(lines: readonly CostLine[], unpriced: readonly string[]): string {
  const rows = [...dollarsByService(lines)].flatMap(([service, dollars]) => [
    row(service, '', dollars),
    ...lines
      .filter((one) => one.service === service)
      .map(({ item, quantity, dollars: part }) => row(`  ${item}`, quantity.toLocaleString('en-US', DIGITS), part)),
  ]);
  const missing = unpriced.length === 0 ? '' : `\nNot in it, though the stack has it: ${unpriced.join(', ')}.`;
  return `${[...rows, row('A month', '', totalDollars(lines))].join('\n')}\n${NOTE}${missing}\n`;
}

const DIGITS = { maximumFractionDigits: 2 } as const;
const NOTE =
  '\nList prices of us-east-1 without free tiers: src/estimate/prices.ts. Without S3 itself and the uploads’ requests.';

function row(name: string, quantity: string, dollars: number): string {
  return `${name.padEnd(44)}${quantity.padStart(14)}${`$${dollars.toFixed(2)}`.padStart(10)}`;
}

/** `npm run estimate -- --uploads-per-month 1000000`: prints what a month of the stack costs, by service. */
import { parseArgs } from 'node:util';
import { ConfigurationError } from '../configuration-error.ts';
import { estimateCost } from './estimate-cost.ts';
import { dollarsByService, renderEstimate, totalDollars } from './render-estimate.ts';
import { stackFacts } from './stack-facts.ts';
import { synthesizedResources } from './synthesized-resources.ts';
import { DEFAULT_WORKLOAD, type Workload } from './workload.ts';

const USAGE = `npm run estimate -- [--uploads-per-month N] [--hours-per-day N] [--categories N] [--alert-emails N] [--json] [-c key=value]...
Settings (-c) are those of cdk.json, such as -c delivery=eventbridge.`;

const OPTIONS = {
  'uploads-per-month': { type: 'string' },
  'hours-per-day': { type: 'string' },
  categories: { type: 'string' },
  'alert-emails': { type: 'string' },
  context: { type: 'string', short: 'c', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

class EstimateUsageError extends Error {}

function number(text: string | undefined, fallback: number, most: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new EstimateUsageError(`Expected a whole number of at most ${most.toLocaleString('en-US')}; got ${text}.`);
}

function run(): string {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return `${USAGE}\n`;
  const workload: Workload = {
    uploadsPerMonth: Math.max(1, number(values['uploads-per-month'], DEFAULT_WORKLOAD.uploadsPerMonth, 1e12)),
    hoursPerDay: Math.max(1, number(values['hours-per-day'], DEFAULT_WORKLOAD.hoursPerDay, 24)),
    categories: number(values.categories, DEFAULT_WORKLOAD.categories, 8),
    alertEmailsPerMonth: number(values['alert-emails'], DEFAULT_WORKLOAD.alertEmailsPerMonth, 1e9),
  };
  const settings = Object.fromEntries((values.context ?? []).map((text) => text.split(/=(.*)/s).slice(0, 2)));
  const facts = stackFacts(synthesizedResources(settings));
  const lines = estimateCost(facts, workload);
  if (!values.json) return renderEstimate(lines, facts.unpriced);
  const byService = Object.fromEntries(dollarsByService(lines));
  const { unpriced } = facts;
  return `${JSON.stringify({ workload, total: totalDollars(lines), byService, lines, unpriced })}\n`;
}

try {
  process.stdout.write(run());
} catch (error) {
  const isUsage =
    error instanceof EstimateUsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  if (!isUsage && !(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${(error as Error).message}\n${isUsage ? `${USAGE}\n` : ''}`);
  process.exitCode = 1;
}

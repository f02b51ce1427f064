import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { DEFAULTS } from '../../contract/defaults.ts';
import type { AlertRule, EmailSettings } from '../../contract/email-settings.ts';
import { CATEGORIES } from '../../contract/uploads.ts';
import { type ReplayedAlert, replayAlerts } from '../../digest/alerts/replay-alerts.ts';
import { alertRulesIssues } from '../../shared/alert-rules.ts';
import { errorMessage } from '../../shared/errors.ts';
import { formatBytes, formatCount, formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { DAY_MS } from '../../shared/time.ts';
import { timeZoneIssue } from '../../shared/validation.ts';
import { parseCount } from '../arguments/numbers.ts';
import { addConnectionOptions, addRangeOptions, type RangeOptions, toRange } from '../arguments/options.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { readEmailSettings } from '../email-settings.ts';
import { UsageError } from '../errors.ts';
import { ledgerTable, withLedger } from '../ledger-session.ts';
import { createTableWriter } from '../output/table.ts';

/** Alerts with a line of their own. */
const DEFAULT_LIMIT = 20;

interface TestOptions extends ConnectionOptions, RangeOptions {
  readonly rule?: string;
  readonly limit: number;
  readonly json?: boolean;
}

type Rules = Pick<EmailSettings, 'alerts' | 'alertsPerMinute'>;

const EXAMPLES = `
Examples:
  upload-ledger alerts test --since 7d
  upload-ledger alerts test --since 30d --rule rule.json
  upload-ledger alerts test --json | jq -s 'group_by(.rule) | map(length)'

Without --rule, the rules are those that the stack's function uses now. With it,
they are the ones in the file, written as "alerts" in cdk.json, and tested as if
the stack had no others and a limit of 10 alert emails a minute.

The command reads the records in the ledger; the function's own code matches and
limits. A rule sends one email for each batch, but the ledger does not say which
uploads came in one batch: up to 100 within five seconds count as one. Nothing
is sent.
`;

/** `upload-ledger alerts test`: the alert emails that rules would have sent. */
export function alertsTestCommand(context: CliContext): Command {
  const command = new Command('test').description(
    'Show which alert emails the current rules, or others, would have sent.',
  );
  command
    .optionsGroup('Which rules:')
    .option('--rule <file>', 'a JSON file with one rule, or a list of them; default: those of the stack');
  addRangeOptions(command, context, '7d before --until');
  command
    .optionsGroup('How:')
    .option('--limit <count>', 'number of alerts to list', parseCount, DEFAULT_LIMIT)
    .option('--json', 'one JSON object per line for each alert, for programs');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: TestOptions) => withLedger(context, options, (ledger) => test(options, ledger, context)));
}

async function test(options: TestOptions, ledger: OpenLedger, { stdout, clock, signal }: CliContext): Promise<void> {
  const rules = options.rule === undefined ? await rulesOf(ledger) : await readRules(options.rule);
  const { ledgerReader } = await import('../../ledger/read/reader.ts');
  const records = ledgerReader(await ledgerTable(ledger)).newest({
    ...toRange(options, clock.now(), 7 * DAY_MS),
    signal,
  });
  const totals = new Map(rules.alerts.map(({ name }) => [name, { emails: 0, heldBack: 0, matches: 0 }]));
  const writeRow = createTableWriter<ReplayedAlert>(stdout, COLUMNS);
  let shown = 0;
  for await (const replayed of replayAlerts(records, rules)) {
    const total = totals.get(replayed.alert.rule.name);
    if (total !== undefined) {
      total[replayed.isHeldBack ? 'heldBack' : 'emails'] += 1;
      total.matches += replayed.alert.count;
    }
    if (options.json) await stdout.line(JSON.stringify(toJson(replayed)));
    else if (shown < options.limit) await writeRow(replayed);
    shown += 1;
  }
  if (options.json) return;
  if (shown > 0) await stdout.line('');
  if (shown > options.limit) await stdout.line(`${formatCount(shown - options.limit)} more, not listed.`);
  for (const [name, { emails, heldBack, matches }] of totals) {
    const held = heldBack > 0 ? `, ${formatCount(heldBack)} held back` : '';
    await stdout.line(
      `${visibleText(name)}: ${formatNumberOf(emails, 'email')}${held}, ${formatNumberOf(matches, 'match', 'matches')}`,
    );
  }
}

/** @throws UsageError when it has none. */
async function rulesOf(ledger: OpenLedger): Promise<Rules> {
  const settings = await readEmailSettings(ledger);
  if (settings !== undefined && settings.alerts.length > 0) return settings;
  throw new UsageError(`${ledger.name} has no alert rules: try one with --rule FILE, or see docs/email.md`);
}

/** @throws UsageError with everything that is wrong with the file. */
async function readRules(file: string): Promise<Rules> {
  const value = await readFile(file, 'utf8')
    .then((text): unknown => JSON.parse(text))
    .catch((cause: unknown) => {
      throw new UsageError(`cannot read the rules in ${visibleText(file)}: ${errorMessage(cause)}`);
    });
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const issues = alertRulesIssues(list, { categories: CATEGORIES, timeZoneIssue });
  if (issues.length > 0) throw new UsageError(`cannot use the rules in ${visibleText(file)}: ${issues.join('; ')}`);
  // Checked above, field by field.
  const alerts = (list as (Omit<AlertRule, 'timeZone'> & Partial<AlertRule>)[]).map((rule) => ({
    timeZone: 'UTC',
    ...rule,
  }));
  return { alerts, alertsPerMinute: Math.max(DEFAULTS.alertsPerMinute, alerts.length) };
}

const COLUMNS = [
  { title: 'TIME (UTC)', width: 19, text: ({ at }: ReplayedAlert) => at.slice(0, 19).replace('T', ' ') },
  { title: 'RULE', width: 16, text: ({ alert }: ReplayedAlert) => visibleText(alert.rule.name) },
  { title: 'EMAIL', width: 10, text: ({ isHeldBack }: ReplayedAlert) => (isHeldBack ? 'held back' : 'would send') },
  { title: 'MATCHES', width: 7, align: 'right', text: ({ alert }: ReplayedAlert) => formatCount(alert.count) },
  { title: 'SIZE', width: 8, align: 'right', text: ({ alert }: ReplayedAlert) => formatBytes(alert.bytes) },
  { title: 'FIRST', width: 'rest', text: ({ alert }: ReplayedAlert) => visibleText(alert.mentions[0]?.key ?? '') },
] as const;

function toJson({ at, alert, isHeldBack }: ReplayedAlert) {
  const { rule, count, bytes, mentions, channels } = alert;
  const first = mentions[0]?.key;
  return { at, rule: rule.name, sent: !isHeldBack, matches: count, bytes, first, recipients: channels.email };
}

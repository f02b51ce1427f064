import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { NOISY, withSesDown } from '../../system/simulation/plans/alert-plans.ts';
import { withEventBridgeAway } from '../../system/simulation/plans/event-plans.ts';
import type { Plan } from '../../system/simulation/plans/plan.ts';
import { PROTECTIONS, type Protection } from './protections.ts';
import type { Change, ScratchCopy } from './scratch-copy.ts';

/** A protection without which a simulated day breaks a promise. */
export interface SimulatedProtection extends Change {
  readonly name: string;
  /** What breaks it. @default what {@link MAX_SEED} seeds draw */
  readonly plan?: Plan | undefined;
}

/** From the list of all protections, those that the simulator misses. */
const LISTED: ReadonlySet<Protection['name']> = new Set([
  'the key is made of the event alone',
  'an expiry or restore has a key of its own',
  'the deletion of a version is not that of the object',
  'what comes back unprocessed is sent again',
  'the watermark moves after the email is sent',
  'a summary that did not go with its records is stored',
  'what failed is told apart from what was stored',
  'a message that cannot be quarantined fails',
  'a batch whose summary is not stored comes back',
  'a digest ends before what may still be stored',
  'the readable events of a message are recorded beside one that cannot be read',
  'metadata count only for the upload that they belong to',
  'an uncertain look-up replaces no better record',
  'what is not on the bus comes again',
  'a batch comes back when the events of its alerts are not in the table',
]);

/** The same of those that few seeds need, each with a plan that does. */
const PLANS: ReadonlyMap<Protection['name'], Plan> = new Map([
  ['one alert email a minute is reserved for each rule', NOISY],
  ['an alert that is given up is named in the next digest', withSesDown(3)],
]);

/** What the simulator must miss: within {@link MAX_SEED} seeds, where there is no plan. */
export const SIMULATED: readonly SimulatedProtection[] = [
  ...PROTECTIONS.filter(({ name }) => LISTED.has(name)),
  ...PROTECTIONS.filter(({ name }) => PLANS.has(name)).map((one) => ({ ...one, plan: PLANS.get(one.name) })),
  {
    name: 'a record that is not stored fails its message',
    file: 'src/consumer/handle-message.ts',
    find: 'if (cause === undefined) throw result.reason;',
    replace: 'if (cause === undefined) continue;',
  },
  {
    name: 'messages that failed are named in the answer',
    file: 'src/consumer/finish-with-email.ts',
    find: 'return { batchItemFailures: [...outcome.response.batchItemFailures, ...comeBack] };',
    replace: 'return { batchItemFailures: comeBack };',
  },
  {
    name: 'a history has the records that have no sequencer of their own',
    file: 'src/ledger/read/history.ts',
    find: "pages(idCondition(object, '<')),",
    replace: '',
  },
  {
    name: 'alert emails are bounded',
    file: 'src/digest/alerts/claim-alerts.ts',
    find: 'beyond.slice(Math.max(0, left))',
    replace: 'beyond.slice(Math.max(99, left))',
  },
  {
    name: 'an alert that SES does not take comes back',
    file: 'src/digest/alerts/deliver-alerts.ts',
    find: 'if (!isGivenUp) comeBack.push(messageId);',
    replace: '',
  },
  {
    name: 'a repair deletes what a notification has superseded',
    file: 'src/ledger/reconcile/reconcile.ts',
    find: 'yield* settleSuperseded(superseded.end(), options, report);',
    replace: 'yield* settleSuperseded([], options, report);',
  },
  {
    name: 'uploads are counted apart from deletes',
    file: 'src/consumer/metrics.ts',
    find: "if (one.record.status !== 'uploaded') continue;",
    replace: "if (one.record.status === 'restored') continue;",
  },
  {
    name: 'an entry that EventBridge refuses is put again',
    file: 'src/events/publish.ts',
    find: 'if (failed.length > 0) throw',
    replace: 'if (failed.length > call.length) throw',
  },
  {
    name: 'each record has an event id of its own',
    file: 'src/events/event.ts',
    find: 'update(toKeyText(record))',
    replace: 'update(record.s3_object)',
  },
  {
    name: 'a digest is announced before its email is sent',
    file: 'src/consumer/finish-with-email.ts',
    find: 'await announcer?.announceDigest(digest, { clock, deadline: sendingDeadline });',
    replace: '',
  },
  {
    name: 'events are given up, and named, before the stream drops them',
    file: 'infra/events/publisher-mapping.ts',
    find: 'maxRecordAgeHours: 23,',
    replace: 'maxRecordAgeHours: 25,',
    plan: withEventBridgeAway(30),
  },
];

/** Seeds that are tried. */
const MAX_SEED = 50;
/** How often the seed that fails is run again. */
const REPEATS = 3;

interface Run {
  readonly seed: number;
  readonly unknown: number;
  readonly traceHash: string;
  readonly violations: readonly { readonly promise: string }[];
}

/** What the simulator says of the copy: the first seed that breaks a promise, and whether it does so every time. */
export interface SimulatedVerdict {
  readonly seed: number | undefined;
  readonly promise: string | undefined;
  readonly isRepeatable: boolean;
}

/** Simulates the plan in the copy, or days, seed by seed, until one breaks a promise; then that one again. */
export function simulateIn(copy: ScratchCopy, plan?: Plan): SimulatedVerdict {
  const file = path.join(copy.directory, 'plan.json');
  if (plan !== undefined) writeFileSync(file, JSON.stringify(plan));
  const what = (seeds: string) => (plan === undefined ? ['--seeds', seeds] : ['--plan', file]);
  const failed = runsOf(copy, what(`1-${MAX_SEED}`)).find(({ unknown }) => unknown > 0);
  if (failed === undefined) return { seed: undefined, promise: undefined, isRepeatable: true };
  const again = Array.from({ length: REPEATS }, () => runsOf(copy, what(String(failed.seed)))[0]);
  const isRepeatable = again.every((run) => run?.unknown === failed.unknown && run.traceHash === failed.traceHash);
  return { seed: failed.seed, promise: failed.violations[0]?.promise, isRepeatable };
}

/** @throws Error when the program does not say of each seed how it went. */
function runsOf({ directory }: ScratchCopy, what: readonly string[]): Run[] {
  const program = path.join(directory, 'test', 'lab', 'simulate.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...what, '--json'], {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0 && status !== 1) throw new Error(`The simulator ended with ${status}: ${stderr.slice(-500)}`);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  const runs = lines.map((line) => JSON.parse(line) as Run);
  const hasFailed = runs.some(({ unknown }) => unknown > 0);
  if (runs.length === 0 || hasFailed !== (status === 1))
    throw new Error(`The simulator ended with ${status} after ${runs.length} runs: ${stderr.slice(-500)}`);
  return runs;
}

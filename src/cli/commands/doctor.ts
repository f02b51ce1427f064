import { Command } from 'commander';
import { jsonLine } from '../../shared/data-formats.ts';
import { addConnectionOptions } from '../arguments/options.ts';
import { checkoutTemplate } from '../assembly.ts';
import { isCheckout } from '../checkout.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import { type CliContext, rejectOnAbort } from '../context.ts';
import { alarmsQuiet } from '../doctor/alarm-checks.ts';
import { type Check, type Diagnosis, type Outcome, runCheck } from '../doctor/check.ts';
import { inspectDeployment } from '../doctor/deployment.ts';
import { digestSchedules, emailSender } from '../doctor/email-checks.ts';
import {
  deadLettersCheck,
  functionRuns,
  queueIsRead,
  queuePolicy,
  redrivePolicy,
  streamIsRead,
} from '../doctor/queue-checks.ts';
import { settingsDeployed } from '../doctor/settings-check.ts';
import { uploadsArrive } from '../doctor/source-checks.ts';
import { tableReady, tableSafe } from '../doctor/table-checks.ts';
import { deliveriesCheck, webhooksReady } from '../doctor/webhook-checks.ts';
import { withLedger } from '../ledger-session.ts';
import { type Output, paint, type Style } from '../output/output.ts';
import { wrap } from '../output/text-layout.ts';

/** The checks of a stack on AWS, in the order of an upload's path. */
export const DEPLOYED_CHECKS: readonly Check[] = [
  uploadsArrive,
  queuePolicy,
  queueIsRead,
  functionRuns,
  redrivePolicy,
  deadLettersCheck,
  tableReady,
  tableSafe,
  streamIsRead,
  webhooksReady,
  deliveriesCheck,
  alarmsQuiet,
  digestSchedules,
  emailSender,
  settingsDeployed,
];

/** The checks of the local stack, which has nothing else that could be wrong. */
const LOCAL_CHECKS: readonly Check[] = [redrivePolicy, deadLettersCheck, tableReady, deliveriesCheck];

interface DoctorOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger doctor
  upload-ledger doctor --stack UploadLedger --region eu-west-1
  upload-ledger doctor --json | jq -r 'select(.outcome == "wrong") | .todo'

ok       as it should be, as far as AWS shows
note     correct, but worth knowing
wrong    uploads, emails or warnings are lost, or can be lost
unknown  not checked: a permission is missing, or there was no answer

It changes nothing.${isCheckout() ? ' For a local stack it checks the queues and the table.' : ''}
Exit code 1: something is wrong. 2: nothing is wrong, but something could not be
checked.
`;

/** `upload-ledger doctor`: what is wrong with the deployment, and what to do. */
export function doctorCommand(context: CliContext): Command {
  const command = new Command('doctor')
    .description('Check the deployment from the bucket to the emails: what is wrong, and what to do?')
    .optionsGroup('How:')
    .option('--json', 'one JSON object per check, for programs');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: DoctorOptions) => withLedger(context, options, (ledger) => doctor(options, ledger, context)));
}

/** What the checks find. All run at once, and are reported in their order. */
export async function* checkDeployment(
  ledger: OpenLedger,
  context: CliContext,
): AsyncGenerator<Diagnosis & { readonly check: string }> {
  const deployment = inspectDeployment(ledger, () => checkoutTemplate(ledger.stackName, context));
  const running = (ledger.isLocal ? LOCAL_CHECKS : DEPLOYED_CHECKS).map((check) => ({
    check,
    found: runCheck(check, deployment),
  }));
  const stopped = rejectOnAbort(context.signal);
  for (const { check, found } of running) {
    // A service that does not answer must not hold up Ctrl-C.
    const diagnosis = await Promise.race([found, stopped]);
    if (diagnosis !== undefined) yield { check: check.name, ...diagnosis };
  }
}

async function doctor({ json }: DoctorOptions, ledger: OpenLedger, context: CliContext): Promise<void> {
  const { stdout } = context;
  const outcomes = new Set<Outcome>();
  for await (const { check, ...diagnosis } of checkDeployment(ledger, context)) {
    outcomes.add(diagnosis.outcome);
    if (json) await stdout.line(jsonLine({ check, ...diagnosis }));
    else await writeDiagnosis(check, diagnosis, stdout);
  }
  context.exitCode = outcomes.has('wrong') ? 1 : outcomes.has('unknown') ? 2 : 0;
}

const STYLES: Readonly<Record<Outcome, Style>> = { ok: 'green', note: 'cyan', wrong: 'red', unknown: 'bold' };

/** Columns that the text has at least, however narrow the terminal is. */
const MIN_TEXT_WIDTH = 20;

const WIDTHS = { outcome: 'unknown'.length, name: 'uploads arrive'.length };

/** One line a check. On a terminal it is folded: its end says what to do. */
async function writeDiagnosis(name: string, { outcome, says, todo }: Diagnosis, output: Output): Promise<void> {
  const mark = paint(outcome.padEnd(WIDTHS.outcome), STYLES[outcome], output);
  const indent = WIDTHS.outcome + WIDTHS.name + 4;
  const text = todo === undefined ? says : `${says}. To do: ${todo}`;
  const [first = '', ...rest] = wrap(text, Math.max(MIN_TEXT_WIDTH, output.width - indent));
  await output.line(`${mark}  ${name.padEnd(WIDTHS.name)}  ${first}`);
  for (const line of rest) await output.line(' '.repeat(indent) + line);
}

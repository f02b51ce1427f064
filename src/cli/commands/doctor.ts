import { Command } from 'commander';
import { addConnectionOptions } from '../arguments/options.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { alarmsQuiet } from '../doctor/alarm-checks.ts';
import { type Check, type Diagnosis, type Outcome, runCheck } from '../doctor/check.ts';
import { deploymentOf } from '../doctor/deployment.ts';
import { digestSchedules, emailSender } from '../doctor/email-checks.ts';
import { deadLettersCheck, functionRuns, queueIsRead, queuePolicy, redrivePolicy } from '../doctor/queue-checks.ts';
import { uploadsArrive } from '../doctor/source-checks.ts';
import { tableReady, tableSafe } from '../doctor/table-checks.ts';
import { sayWhich } from '../ledger-session.ts';
import { jsonLine } from '../output/data-formats.ts';
import { type Output, paint, type Style } from '../output/output.ts';
import { wrap } from '../output/text-layout.ts';

/** What is checked of a stack on AWS, along the way of an upload. */
export const DEPLOYED: readonly Check[] = [
  uploadsArrive,
  queuePolicy,
  queueIsRead,
  functionRuns,
  redrivePolicy,
  deadLettersCheck,
  tableReady,
  tableSafe,
  alarmsQuiet,
  digestSchedules,
  emailSender,
];

/** What there is to check of the local stack: everything else is the stack itself, and runs or does not. */
export const LOCAL: readonly Check[] = [redrivePolicy, deadLettersCheck, tableReady];

interface DoctorOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger doctor
  upload-ledger doctor --stack UploadLedger --region eu-west-1
  upload-ledger doctor --json | jq -r 'select(.outcome == "wrong") | .todo'

ok       as it should be, as far as AWS tells
note     right as it is, but worth knowing
wrong    uploads, emails or warnings get lost, or may
unknown  could not be checked: a permission is missing, or no answer came

It changes nothing. Of a local stack it checks the queues and the table.
Exit code 1: something is wrong. 2: nothing is, as far as it could be checked.
`;

/** `upload-ledger doctor`: what is wrong with the deployment, and what to do. */
export function doctorCommand(context: CliContext): Command {
  const command = new Command('doctor')
    .description('Check the deployment from the bucket to the emails: what is wrong, and what to do?')
    .optionsGroup('How:')
    .option('--json', 'one JSON object a check, for programs');
  addConnectionOptions(command);
  return command.addHelpText('after', EXAMPLES).action((options: DoctorOptions) => doctor(options, context));
}

async function doctor(options: DoctorOptions, context: CliContext): Promise<void> {
  const { stdout, signal } = context;
  const ledger = await context.connect(options);
  try {
    await sayWhich(ledger, options, context);
    const deployment = deploymentOf(ledger);
    // All at once, and told in their order.
    const running = (ledger.isLocal ? LOCAL : DEPLOYED).map((check) => ({ check, found: runCheck(check, deployment) }));
    const stopped = stopOf(signal);
    const outcomes = new Set<Outcome>();
    for (const { check, found } of running) {
      // A service that does not answer must not hold up Ctrl-C.
      const diagnosis = await Promise.race([found, stopped]);
      if (diagnosis === undefined) continue;
      outcomes.add(diagnosis.outcome);
      await (options.json
        ? stdout.line(jsonLine({ check: check.name, ...diagnosis }))
        : write(check.name, diagnosis, stdout));
    }
    context.exitCode = outcomes.has('wrong') ? 1 : outcomes.has('unknown') ? 2 : 0;
  } finally {
    ledger.clients.destroy();
  }
}

/** Rejects when the command is asked to stop; never resolves. */
function stopOf(signal: AbortSignal): Promise<never> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  stopped.catch(() => undefined);
  return stopped;
}

const STYLES: Readonly<Record<Outcome, Style>> = { ok: 'green', note: 'cyan', wrong: 'red', unknown: 'bold' };

const WIDTHS = { outcome: 'unknown'.length, name: 'uploads arrive'.length };

/** One line a check; a terminal gets it folded, because its end is what to do. */
async function write(name: string, { outcome, says, todo }: Diagnosis, output: Output): Promise<void> {
  const mark = paint(outcome.padEnd(WIDTHS.outcome), STYLES[outcome], output.hasColour);
  const indent = WIDTHS.outcome + WIDTHS.name + 4;
  const text = todo === undefined ? says : `${says}. To do: ${todo}`;
  const [first = '', ...rest] = wrap(text, Math.max(LEAST_TEXT, output.width - indent));
  await output.line(`${mark}  ${name.padEnd(WIDTHS.name)}  ${first}`);
  for (const line of rest) await output.line(' '.repeat(indent) + line);
}

/** Columns of the text on a terminal that is too narrow for it. */
const LEAST_TEXT = 20;

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { backfillCommand } from './backfill.ts';
import { checkoutDirectory } from './checkout.ts';
import { consoleCommand } from './console.ts';
import type { CliContext } from './context.ts';
import { demoCommand } from './demo/demo.ts';
import { digestCommand } from './digest/digest.ts';
import { dlqCommand } from './dlq/dlq.ts';
import { doctorCommand } from './doctor.ts';
import { estimateCommand } from './estimate.ts';
import { listCommand } from './list.ts';
import { localCommand } from './local.ts';
import { reconcileCommand } from './reconcile.ts';
import { showCommand } from './show.ts';
import { statsCommand } from './stats.ts';
import { tailCommand } from './tail.ts';

/** `upload-ledger` with all of its commands. Defining them loads nothing that only one of them needs. */
export function programFor(context: CliContext): Command {
  return new Command('upload-ledger')
    .description('Who uploaded what, when, and how big it is: look it up, and see what failed.')
    .version(version(), '-V, --version', 'print the version')
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(statsCommand(context))
    .addCommand(tailCommand(context))
    .addCommand(digestCommand(context))
    .addCommand(dlqCommand(context))
    .addCommand(backfillCommand(context))
    .addCommand(reconcileCommand(context))
    .addCommand(doctorCommand(context))
    .addCommand(estimateCommand(context))
    .addCommand(consoleCommand(context))
    .addCommand(localCommand(context))
    .addCommand(demoCommand(context));
}

/** Of the checkout or the installed package. */
function version(): string {
  return JSON.parse(readFileSync(path.join(checkoutDirectory(), 'package.json'), 'utf8')).version ?? 'unknown';
}

import { Command } from 'commander';
import { consoleCommand } from './console.ts';
import type { CliContext } from './context.ts';
import { demoCommand } from './demo/demo.ts';
import { dlqCommand } from './dlq/dlq.ts';
import { listCommand } from './list.ts';
import { localCommand } from './local.ts';
import { showCommand } from './show.ts';
import { statsCommand } from './stats.ts';
import { tailCommand } from './tail.ts';

/** `upload-ledger` with all of its commands. Defining them loads nothing that only one of them needs. */
export function programFor(context: CliContext): Command {
  return new Command('upload-ledger')
    .description('Who uploaded what, when, and how big it is: look it up, and see what failed.')
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(statsCommand(context))
    .addCommand(tailCommand(context))
    .addCommand(dlqCommand(context))
    .addCommand(consoleCommand(context))
    .addCommand(localCommand(context))
    .addCommand(demoCommand(context));
}

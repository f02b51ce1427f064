import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { digestPreviewCommand } from './preview.ts';
import { digestTickCommand } from './tick.ts';

/** `upload-ledger digest ...`: the emails on a schedule. */
export function digestCommand(context: CliContext): Command {
  return new Command('digest')
    .description('See what the next digest would say; send the one of the local stack now.')
    .addCommand(digestPreviewCommand(context))
    .addCommand(digestTickCommand(context));
}

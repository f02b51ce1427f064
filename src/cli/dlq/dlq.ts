import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { dlqExportCommand } from './export.ts';
import { dlqListCommand } from './list.ts';
import { dlqPurgeCommand } from './purge.ts';
import { dlqRedriveCommand } from './redrive.ts';
import { dlqShowCommand } from './show.ts';

/** `upload-ledger dlq ...`: the messages that could not be recorded. */
export function dlqCommand(context: CliContext): Command {
  return new Command('dlq')
    .description('See what could not be recorded (the dead-letter queue), and bring it back.')
    .addCommand(dlqListCommand(context))
    .addCommand(dlqShowCommand(context))
    .addCommand(dlqRedriveCommand(context))
    .addCommand(dlqExportCommand(context))
    .addCommand(dlqPurgeCommand(context));
}

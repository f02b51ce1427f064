#!/usr/bin/env node
import { Command } from 'commander';
import { demoCommand } from './demo/demo.ts';
import { listCommand } from './list.ts';
import { localCommand } from './local.ts';
import { processContext } from './process-context.ts';
import { run } from './run.ts';
import { showCommand } from './show.ts';
import { statsCommand } from './stats.ts';
import { tailCommand } from './tail.ts';

const context = processContext(process);
const program = new Command('upload-ledger')
  .description('Who uploaded what, when, and how big it is: look it up, and see what failed.')
  .addCommand(listCommand(context))
  .addCommand(showCommand(context))
  .addCommand(statsCommand(context))
  .addCommand(tailCommand(context))
  .addCommand(localCommand(context))
  .addCommand(demoCommand(context));

process.exitCode = await run(program, process.argv.slice(2), context);

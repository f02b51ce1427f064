#!/usr/bin/env node
import { processContext } from './process-context.ts';
import { programFor } from './program.ts';
import { run } from './run.ts';

const context = processContext(process);

process.exitCode = await run(programFor(context), process.argv.slice(2), context);

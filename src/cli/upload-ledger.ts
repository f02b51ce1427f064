#!/usr/bin/env node
import { processContext } from './context.ts';
import { programFor, run } from './program.ts';

const context = processContext(process);

process.exitCode = await run(programFor(context), process.argv.slice(2), context);

/** The commands that read the ledger, as a process of their own: see process.test.ts. */
import { processContext } from '../../src/cli/process-context.ts';
import { run } from '../../src/cli/run.ts';
import { programOf } from './cli.ts';

const context = processContext(process);
process.exitCode = await run(programOf(context), process.argv.slice(2), context);

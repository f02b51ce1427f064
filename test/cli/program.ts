/** The program from source, as a process of its own: see process.test.ts. */
import { processContext } from '../../src/cli/process-context.ts';
import { programFor } from '../../src/cli/program.ts';
import { run } from '../../src/cli/run.ts';

const context = processContext(process);
process.exitCode = await run(programFor(context), process.argv.slice(2), context);

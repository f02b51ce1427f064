/** The program from source, as a process of its own: see process.test.ts. */
import { processContext } from '../../src/cli/context.ts';
import { programFor, run } from '../../src/cli/program.ts';

const context = processContext(process);
process.exitCode = await run(programFor(context), process.argv.slice(2), context);

/**
 * `node faulty-local-stack.ts FAULT STEP`: the program's `local` with one fault. FAULT is `throw` or `hang`, STEP such as
 * `close DynamoDB`.
 */
import { endProgram, processContext } from '../../../src/cli/context.ts';
import { run } from '../../../src/cli/program.ts';

const [, , fault, wanted] = process.argv;

async function onStep(step: string): Promise<void> {
  if (step !== wanted) return;
  process.stdout.write(`Now at ${step}.\n`);
  if (fault === 'hang') await new Promise(() => undefined);
  throw new Error(`a fault at "${step}"`);
}

endProgram(process, await run(['local'], { ...processContext(process), onStep }));

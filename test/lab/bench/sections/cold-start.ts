import type { BenchWorld } from '../bench-world.ts';
import { buildVariants, type Variant, type VariantName } from '../build/cold-variants.ts';
import { coldCommand } from '../worker/command.ts';
import { lambdaEnvironment } from '../worker/lambda-environment.ts';
import { runCold } from '../worker/run-cold.ts';
import { trust } from '../worker/trust.ts';

/** Cold starts of one variant, a new process each. */
export interface ColdStarts {
  readonly name: VariantName;
  readonly title: string;
  /**
   * Milliseconds from the handler's loading to the answer to its first invocation: what Lambda's own start comes on
   * top of.
   */
  readonly load: readonly number[];
  /** Milliseconds from the start of the process to that answer. */
  readonly whole: readonly number[];
  /** Milliseconds of user and system time of the process. */
  readonly cpu: readonly number[];
}

export interface ColdStartResult {
  readonly protocol: 'HTTPS' | 'HTTP';
  readonly variants: readonly ColdStarts[];
}

/** Measures cold starts: processes that load a handler, store one record over a new connection, and end. */
export async function measureColdStarts(world: BenchWorld, rounds: number): Promise<ColdStartResult> {
  const { address } = world.stub;
  const environment = { ...lambdaEnvironment(address.https ?? address.http), ...trust(world) };
  const variants = await buildVariants(world);
  const starts = variants.map((variant) => ({ variant, load: [], whole: [], cpu: [] }) as Starts);
  await world.stub.behave({ delay: 5 });
  // The first round reads the files into the system's cache, and compiles Python.
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < starts.length; turn++) {
      const next = starts[(turn + Math.max(0, round)) % starts.length];
      if (next === undefined) continue;
      const command = coldCommand(next.variant.subject, world.built.runners, world.payload(1));
      const { seconds, cpuSeconds, wholeSeconds } = await runCold(command, environment);
      if (round < 0) continue;
      next.load.push(seconds * 1_000);
      next.whole.push(wholeSeconds * 1_000);
      next.cpu.push(cpuSeconds * 1_000);
    }
  }
  return {
    protocol: address.https === undefined ? 'HTTP' : 'HTTPS',
    variants: starts.map(({ variant: { name, title }, ...samples }) => ({ name, title, ...samples })),
  };
}

interface Starts {
  readonly variant: Variant;
  readonly load: number[];
  readonly whole: number[];
  readonly cpu: number[];
}

import { parseArgs } from 'node:util';

/** Values of a tool's options when they are not given. A number is whole and at least 1; `undefined` stands for a text. */
type Defaults = Readonly<Record<string, number | boolean | string | undefined>>;

/** What a tool was asked for: `false` becomes a flag, a number an option with a whole number, a text or `undefined` one with a text. */
export type ToolOptions<D extends Defaults> = {
  readonly [name in keyof D]: D[name] extends boolean ? boolean : D[name] extends number ? number : D[name] | string;
};

/** @throws TypeError for an option that the tool does not have, and for a number that is none. */
export function readOptions<const D extends Defaults>(args: readonly string[], defaults: D): ToolOptions<D> {
  const options = Object.entries(defaults).map(([name, value]) => {
    return [name, { type: typeof value === 'boolean' ? 'boolean' : 'string' }] as const;
  });
  const { values } = parseArgs({ args: [...args], options: Object.fromEntries(options) });
  const read = Object.entries(defaults).map(([name, value]) => {
    const given = values[name];
    if (given === undefined) return [name, value];
    return [name, typeof value === 'number' ? wholeNumber(name, String(given)) : given];
  });
  return Object.fromEntries(read) as ToolOptions<D>;
}

/** The options of this process. With `--help` it says `usage` and ends; with one that is wrong it says so too, with 2. */
export function optionsOrExit<const D extends Defaults>(usage: string, defaults: D): ToolOptions<D> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`Usage: ${usage}\n`);
    process.exit(0);
  }
  try {
    return readOptions(args, defaults);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\nUsage: ${usage}\n`);
    return process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new TypeError(`Expected --${name} to be a whole number from 1, got ${JSON.stringify(text)}.`);
}

import path from 'node:path';
import type { Metafile } from 'esbuild';

/** Bytes of JavaScript that the bundle of each function may hold. */
export const BUNDLE_BUDGETS = {
  consumer: {
    /** Read at every cold start, which costs its time. */
    startupBytes: 300_000,
    /** In all: what is loaded when first needed included, most of it the clients of S3 and SES. */
    totalBytes: 750_000,
  },
  publisher: { startupBytes: 210_000, totalBytes: 260_000 },
} as const;

interface BundleBudget {
  readonly startupBytes: number;
  readonly totalBytes: number;
}

/** Bytes of JavaScript that a bundle holds, and how many of them are read at start. All sizes are bytes on disk. */
export interface FunctionBundleReport {
  /** The entry and everything that it imports statically: what every cold start reads. */
  readonly startupBytes: number;
  /** The same by npm package (`upload-ledger` for our own sources), largest first; sums to `startupBytes`. */
  readonly startupBytesByPackage: readonly PackageBytes[];
  /** Files that are loaded when first needed, or never, largest first. */
  readonly lazyFiles: readonly FileBytes[];
  readonly totalBytes: number;
}

interface PackageBytes {
  readonly packageName: string;
  readonly bytes: number;
}

interface FileBytes {
  /** The file's name in the output directory. */
  readonly file: string;
  readonly bytes: number;
  /** The source that the file was made for, or the package with most bytes in it. */
  readonly holds: string;
}

type Output = Metafile['outputs'][string];

const OWN_SOURCES = 'upload-ledger';
/** Imports, exports and wrappers that esbuild writes between the packages' code. */
const GLUE = 'between packages';

/**
 * Reads esbuild's description of a split build.
 *
 * @param entrySource Path of the entry as esbuild was given it.
 * @throws Error when there is no output for that entry.
 */
export function toBundleReport(metafile: Metafile, entrySource: string): FunctionBundleReport {
  const outputs = new Map(Object.entries(metafile.outputs));
  const startup = startupFiles(outputs, entrySource);
  const lazyFiles = [...outputs]
    .filter(([file]) => !startup.has(file))
    .map(([file, output]) => toLazyFile(file, output));
  const startupOutputs = [...outputs].filter(([file]) => startup.has(file)).map(([, output]) => output);
  return {
    startupBytes: sumBytes(startupOutputs),
    startupBytesByPackage: bytesByPackage(startupOutputs),
    lazyFiles: lazyFiles.sort((one, other) => other.bytes - one.bytes),
    totalBytes: sumBytes([...outputs.values()]),
  };
}

function startupFiles(outputs: ReadonlyMap<string, Output>, entrySource: string): ReadonlySet<string> {
  const entry = [...outputs].find(([, output]) => output.entryPoint === entrySource);
  if (entry === undefined) throw new Error(`Expected the bundle to have an output for ${entrySource}; it has none.`);
  const reached = new Set<string>();
  const waiting = [entry[0]];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const imported of outputs.get(file)?.imports ?? []) {
      if (imported.kind === 'import-statement' && imported.external !== true) waiting.push(imported.path);
    }
  }
  return reached;
}

function bytesByPackage(outputs: readonly Output[]): readonly PackageBytes[] {
  const bytes = new Map<string, number>();
  const add = (packageName: string, more: number) => bytes.set(packageName, (bytes.get(packageName) ?? 0) + more);
  for (const output of outputs) {
    let accounted = 0;
    for (const [source, { bytesInOutput }] of Object.entries(output.inputs)) {
      add(packageOf(source), bytesInOutput);
      accounted += bytesInOutput;
    }
    add(GLUE, output.bytes - accounted);
  }
  return [...bytes]
    .map(([packageName, sum]) => ({ packageName, bytes: sum }))
    .filter((entry) => entry.bytes > 0)
    .sort((one, other) => other.bytes - one.bytes);
}

/** The npm package that a source belongs to, also when it is nested in another package's folder. */
function packageOf(source: string): string {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? OWN_SOURCES;
}

function toLazyFile(file: string, output: Output): FileBytes {
  const holds =
    output.entryPoint === undefined ? bytesByPackage([output])[0]?.packageName : packageOf(output.entryPoint);
  return { file: path.basename(file), bytes: output.bytes, holds: holds ?? GLUE };
}

function sumBytes(outputs: readonly Output[]): number {
  return outputs.reduce((sum, output) => sum + output.bytes, 0);
}

/** A sentence for each part of the budget that is exceeded. */
export function checkBudget(report: FunctionBundleReport, budget: BundleBudget): readonly string[] {
  const { startupBytes, startupBytesByPackage, totalBytes } = report;
  const [largest] = startupBytesByPackage;
  const issues: string[] = [];
  if (startupBytes > budget.startupBytes) {
    issues.push(
      `Expected at most ${budget.startupBytes} bytes read at start, got ${startupBytes}, most of them from ${largest?.packageName}. ` +
        'Load what the first batch does not need when it is first needed.',
    );
  }
  if (totalBytes > budget.totalBytes) {
    issues.push(`Expected a bundle of at most ${budget.totalBytes} bytes, got ${totalBytes}.`);
  }
  return issues;
}

/** Packages with fewer bytes share one line. */
const MIN_BYTES = 1_000;

/** The report as a table for people. */
export function renderBundleReport(report: FunctionBundleReport): string {
  const { startupBytes, startupBytesByPackage, lazyFiles, totalBytes } = report;
  const large = startupBytesByPackage.filter(({ bytes }) => bytes >= MIN_BYTES);
  const rest = startupBytesByPackage.filter(({ bytes }) => bytes < MIN_BYTES);
  const restBytes = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = [
    line('Read at start', startupBytes),
    ...large.map(({ packageName, bytes }) => line(`  ${packageName}`, bytes)),
    ...(rest.length > 0 ? [line(`  ${rest.length} others`, restBytes)] : []),
    line('Loaded when first needed', totalBytes - startupBytes),
    ...lazyFiles.map(({ file, holds, bytes }) => line(`  ${file} (${holds})`, bytes)),
    line('In all', totalBytes),
  ];
  return `${lines.join('\n')}\n`;
}

function line(what: string, bytes: number): string {
  return `${what.padEnd(64)}${bytes.toLocaleString('en').padStart(9)} bytes`;
}

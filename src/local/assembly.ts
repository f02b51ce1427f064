import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../shared/clock.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import { HOUR_MS } from '../shared/time.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** How often a synthesis is tried because a source changed meanwhile. */
const MAX_ATTEMPTS = 4;

/** Everything that the template or the function's bundle is made of, relative to the project. */
const SYNTHESIZED_FROM = [
  'infra/**/*.ts',
  'src/{shared,contract,notification,upload,ledger,digest,dead-letters,events,consumer,publisher}/**/*',
  'cdk.json',
  'cdk.context.json',
  // The installed packages: the SDK and Powertools in the bundle, aws-cdk-lib and the CDK command line themselves.
  'package-lock.json',
  // esbuild reads it.
  'tsconfig.json',
];

/** Beginning of the names of assemblies that are still being synthesized. */
export const TEMPORARY_PREFIX = 'unfinished-';

/**
 * Assemblies that stay however old they are, so that going back and forth between a few states of the sources is quick.
 */
const MAX_KEPT = 4;
/** One that was used within this time may still be in use by another process. */
const IN_USE_MS = HOUR_MS;

interface AssemblyRequest {
  /** Directory that holds the assemblies, one for each fingerprint; made when absent. */
  readonly outputDirectory: string;
  /** Settings as for `cdk synth -c key=value`. @default none: what cdk.json says */
  readonly context?: Readonly<Record<string, string>>;
  /** Writes the assembly into an empty directory. @default with the CDK command line, as for a deployment */
  readonly synthesize?: (directory: string, context: Readonly<Record<string, string>>) => Promise<void>;
}

/**
 * The stack as `cdk synth` writes it for deployment, synthesized only when something that it is made of has changed.
 *
 * Each assembly is in a directory named by its fingerprint and is renamed into place when complete, so that any number
 * of processes may ask at once and none ever finds half an assembly.
 *
 * @returns the assembly's directory.
 * @throws UploadLedgerError `synth-failed`, with what the CDK command line said.
 */
export async function ensureAssembly({
  outputDirectory,
  context = {},
  synthesize = withCommandLine,
}: AssemblyRequest): Promise<string> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const fingerprint = assemblyFingerprint(PROJECT, context);
    const directory = path.resolve(outputDirectory, fingerprint);
    if (markUsed(directory)) return directory;
    mkdirSync(outputDirectory, { recursive: true });
    const temporary = mkdtempSync(path.resolve(outputDirectory, TEMPORARY_PREFIX));
    try {
      await synthesize(temporary, context);
      // An edit during the synthesis would be kept under the fingerprint of the sources before it.
      if (assemblyFingerprint(PROJECT, context) === fingerprint) {
        moveIntoPlace(temporary, directory);
        pruneAssemblies(outputDirectory, directory);
        return directory;
      }
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  throw new UploadLedgerError(
    'synth-failed',
    `The sources changed during each of ${MAX_ATTEMPTS} syntheses. Try again when no file changes.`,
  );
}

/** Whether the assembly is there. The time of its last use keeps it from being pruned. */
function markUsed(directory: string): boolean {
  try {
    const now = new Date(systemClock.now());
    utimesSync(directory, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function moveIntoPlace(temporary: string, directory: string): void {
  try {
    renameSync(temporary, directory);
  } catch (error) {
    // Another process was first, with an equal assembly.
    if (!markUsed(directory)) throw error;
  }
}

async function withCommandLine(directory: string, context: Readonly<Record<string, string>>): Promise<void> {
  const cli = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  // The app runs on the same Node: cdk.json's `node` is whatever the path finds first.
  const app = `"${process.execPath}" infra/app.ts`;
  const settings = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  const options = ['--quiet', '--app', app, '--output', directory, ...settings];
  try {
    await promisify(execFile)(process.execPath, [cli, 'synth', ...options], { cwd: PROJECT });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new UploadLedgerError('synth-failed', `cdk synth failed:\n${(stdout + stderr).trim()}`, { cause: error });
  }
}

/**
 * A hash of all that `cdk synth` would read: equal fingerprints mean equal assemblies.
 *
 * @returns 32 hexadecimal characters, fit for a directory's name.
 */
export function assemblyFingerprint(projectDirectory: string, context: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(Object.entries(context).sort()));
  const files = globSync(SYNTHESIZED_FROM, { cwd: projectDirectory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const content = readFileSync(file);
    // Lengths keep a name from running into a content and one file into the next.
    hash.update(`\n${path.relative(projectDirectory, file)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}

/** Removes assemblies that nobody has used for a while, all but the latest few, and what crashed syntheses left. */
export function pruneAssemblies(outputDirectory: string, current: string, now: number = systemClock.now()): void {
  const entries = readdirSync(outputDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.resolve(outputDirectory, entry.name))
    .filter((directory) => directory !== current)
    .flatMap((directory) => {
      const lastUse = statSync(directory, { throwIfNoEntry: false })?.mtimeMs;
      return lastUse === undefined ? [] : [{ directory, lastUse }];
    })
    .sort((a, b) => b.lastUse - a.lastUse);
  const finished = entries.filter(({ directory }) => !path.basename(directory).startsWith(TEMPORARY_PREFIX));
  const kept = new Set(finished.slice(0, MAX_KEPT - 1));
  for (const entry of entries) {
    const idle = now - entry.lastUse > IN_USE_MS;
    if (idle && !kept.has(entry)) rmSync(entry.directory, { recursive: true, force: true });
  }
}

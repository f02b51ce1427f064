import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UploadLedgerError } from '../shared/errors.ts';
import { assemblyFingerprint } from './assembly-fingerprint.ts';
import { pruneAssemblies, TEMPORARY_PREFIX } from './assembly-prune.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** How often a synthesis is begun again because a source changed under it. */
const ATTEMPTS = 4;

export interface AssemblyRequest {
  /** Directory that holds the assemblies, one for each fingerprint; made when absent. */
  readonly outputDirectory: string;
  /** Settings as for `cdk synth -c key=value`. @default none: what cdk.json says */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * The stack as `cdk synth` writes it for deployment, synthesized only when something that it is made of has changed.
 *
 * Each assembly stands in a directory named by its fingerprint and is renamed into place when complete, so that any number
 * of processes may ask at once and none ever sees half an assembly.
 *
 * @returns the assembly's directory.
 * @throws UploadLedgerError `synth-failed`, with what the CDK command line said.
 */
export async function ensureAssembly({ outputDirectory, context = {} }: AssemblyRequest): Promise<string> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
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
    `The sources changed during each of ${ATTEMPTS} syntheses. Try again when they rest.`,
  );
}

/** Whether the assembly is there. The time of its last use keeps it from being pruned. */
function markUsed(directory: string): boolean {
  try {
    const now = new Date();
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

async function synthesize(directory: string, context: Readonly<Record<string, string>>): Promise<void> {
  const cli = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  // The app runs on this very Node: cdk.json's `node` is whatever the path finds first.
  const app = `"${process.execPath}" infra/app.ts`;
  const settings = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
  const options = ['--quiet', '--app', app, '--output', directory, ...settings];
  const { exitCode, output } = await run(process.execPath, [cli, 'synth', ...options]);
  if (exitCode !== 0) throw new UploadLedgerError('synth-failed', `cdk synth failed:\n${output.trim()}`);
}

function run(command: string, args: readonly string[]): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
    }
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output: output.join('') }));
  });
}

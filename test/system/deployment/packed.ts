import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { buildPackage } from '../../../infra/bundle/package-build.ts';

const PROJECT = path.resolve(import.meta.dirname, '../../..');
const TEXTS = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs'];

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that has installed the package and, of everything else, only the CDK. */
export interface Installation {
  /** Where the program is. */
  readonly directory: string;
  /** Where the package is. */
  readonly package: string;
  /** Where the command is, which was installed alone, as an operator does: with npm, into an empty folder. */
  readonly command: string;
  /** What the package holds, sorted. */
  readonly files: readonly string[];
  write(file: string, contents: string): void;
  /** Starts Node likewise. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcessWithoutNullStreams;
  /** Runs Node in the program's directory, with nothing else in its environment than is given. */
  node(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  remove(): void;
}

/** Builds the package, packs it as npm would publish it, and unpacks it where a program has it. No network. */
export async function installPackage(): Promise<Installation> {
  const home = mkdtempSync(path.join(tmpdir(), 'upload-ledger-package-'));
  const [source, directory] = [path.join(home, 'source'), path.join(home, 'program')];
  const installed = path.join(directory, 'node_modules/upload-ledger');
  mkdirSync(installed, { recursive: true });
  for (const name of TEXTS) cpSync(path.join(PROJECT, name), path.join(source, name), { recursive: true });
  await buildPackage(path.join(source, 'dist'));
  const npm = ['pack', '--offline', '--ignore-scripts', '--silent', '--pack-destination', home];
  execFileSync('npm', npm, { cwd: source });
  const [tarball = ''] = readdirSync(home).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['-xzf', path.join(home, tarball), '-C', installed, '--strip-components=1']);
  linkPeers(installed, path.join(directory, 'node_modules'));
  writeFileSync(path.join(directory, 'package.json'), '{ "type": "module" }');
  return {
    directory,
    package: installed,
    command: installCommand(path.join(home, tarball), path.join(home, 'command')),
    files: readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(installed, path.join(entry.parentPath, entry.name)))
      .sort(),
    write: (file, contents) => writeFileSync(path.join(directory, file), contents),
    start: (args, environment = {}) => start(directory, args, environment),
    node: (args, environment = {}) => run(start(directory, args, environment)),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** With `npm install --global`, which may fetch nothing. @returns the folder of the package. */
function installCommand(tarball: string, prefix: string): string {
  mkdirSync(prefix);
  const options = ['--global', '--prefix', prefix, '--offline', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', ['install', ...options, tarball], { cwd: prefix });
  return path.join(prefix, 'lib/node_modules/upload-ledger');
}

/** Whatever the package uses and does not name is not there. */
function linkPeers(installed: string, modules: string): void {
  const { peerDependencies } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(peerDependencies)) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(PROJECT, 'node_modules', name), path.join(modules, name), 'junction');
  }
}

function start(cwd: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
  return spawn(process.execPath, args, { cwd, env: { HOME: cwd, ...environment } });
}

async function run(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const closed = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { stdout, stderr, exitCode };
}

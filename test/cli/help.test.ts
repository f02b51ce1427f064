import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { linesOf, runCli } from './cli.ts';

const COMMANDS = [
  'list',
  'show',
  'stats',
  'tail',
  'console',
  'backfill',
  'reconcile',
  'attach',
  'detach',
  'doctor',
  'estimate',
  'digest preview',
  'digest tick',
  'alerts test',
  'dlq list',
  'dlq show',
  'dlq redrive',
  'dlq export',
  'dlq purge',
];

const help = (command: string) => runCli([...command.split(' '), '--help']);

describe('--help', () => {
  it.each([...COMMANDS, 'local', 'demo'])('shows the help of %s as the golden file has it', async (command) => {
    const { stdout, stderr, exitCode } = await help(command);
    await expect(stdout).toMatchFileSnapshot(`golden/${command.replace(' ', '-')}.help.txt`);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  });

  it.each(COMMANDS)('fits 80 columns and has examples: %s', async (command) => {
    const { stdout } = await help(command);
    expect(linesOf(stdout).filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain(`Examples:\n  upload-ledger ${command}`);
  });

  it.each(COMMANDS)('has only examples whose options exist: %s', async (command) => {
    const { stdout } = await help(command);
    const [head = '', examples = ''] = stdout.split('Examples:');
    const used = new Set(examples.match(/--[a-z-]+/g));
    expect([...used].filter((option) => !head.includes(option))).toEqual([]);
  });

  it('lists all commands', async () => {
    for (const command of ['', 'dlq', 'digest']) {
      const { stdout, exitCode } = await runCli([...command.split(' ').filter(Boolean), '--help']);
      await expect(stdout).toMatchFileSnapshot(`golden/${command || 'upload-ledger'}.help.txt`);
      expect({ exitCode, wide: linesOf(stdout).filter((line) => line.length > 80) }).toEqual({ exitCode: 0, wide: [] });
    }
  });

  it('leaves the version, with the commit, to --version', async () => {
    const { stdout, exitCode } = await runCli(['--version']);
    const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
    const built = commit === '' ? '' : ` (${commit})`;
    expect({ stdout, exitCode }).toEqual({ stdout: `${packageJson.version}${built}\n`, exitCode: 0 });
  });

  it('is shown on stderr, with exit code 2, when no command is named', async () => {
    const { stdout, stderr, exitCode } = await runCli([]);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 2 });
    expect(stderr).toMatch(/^Usage: upload-ledger/);
  });
});

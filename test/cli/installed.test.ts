import { describe, expect, it, vi } from 'vitest';
import type * as checkout from '../../src/cli/checkout.ts';
import { linesOf, runCli } from './cli.ts';

vi.mock('../../src/cli/checkout.ts', async (original) => ({
  ...(await original<typeof checkout>()),
  isCheckout: () => false,
  needCheckout: (command: string) => {
    throw new Error(`"${command}" needs a checkout`);
  },
}));

const COMMANDS = [[], ['list'], ['console'], ['estimate'], ['digest'], ['dlq', 'list'], ['alerts', 'test'], ['doctor']];

describe('the command of the installed package', () => {
  it.each(COMMANDS)('offers nothing that only a checkout can do: %s %s', async (...command) => {
    const { stdout, exitCode } = await runCli([...command, '--help']);
    expect(stdout).not.toMatch(/--local|local stack|npm (?:start|run)|this checkout|^ {2}(?:local|demo|tick)\b/m);
    expect({ exitCode, wide: linesOf(stdout).filter((line) => line.length > 80) }).toEqual({ exitCode: 0, wide: [] });
  });

  it('says where its documents are', async () => {
    const { stdout } = await runCli(['--help']);
    expect(stdout).toMatch(/^Documents: .*docs\/README\.md$/m);
  });

  it.each(['local', 'demo', 'digest tick', 'estimate -c batchSize=10'])(
    'says that %s needs a checkout',
    async (command) => {
      const { stderr } = await runCli(command.split(' '));
      expect(stderr).toContain(`"${command.replace(/ batch.*/, '')}" needs a checkout`);
    },
  );

  it('estimates the stack that all other commands find, when none is named', async () => {
    const { connections } = await runCli(['estimate']);
    expect(connections).toHaveLength(1);
  });
});

import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { processContext } from '../../src/cli/context.ts';
import { StopReason } from '../../src/cli/errors.ts';

/** A process on a terminal, as far as a context uses one. */
function onTerminal() {
  const terminal = () => Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const streams = { stdin: terminal(), stdout: terminal(), stderr: terminal() };
  const program = Object.assign(new EventEmitter(), { env: {}, ...streams });
  return { ...streams, context: processContext(program as never) };
}

describe('a question on the terminal', () => {
  it('is answered with a line', async () => {
    const { stdin, stderr, context } = onTerminal();
    const answer = context.ask?.('Sure? ');
    await once(stderr, 'data');
    stdin.write('yes\r');
    expect(await answer).toBe('yes');
  });

  it('stops the command when it is answered with Ctrl-C', async () => {
    const { stdin, stderr, context } = onTerminal();
    const answer = context.ask?.('Sure? ');
    await once(stderr, 'data');
    stdin.write('\u0003');
    await expect(answer).rejects.toThrow();
    expect(context.signal.reason).toEqual(expect.any(StopReason));
    expect(context.signal.reason.exitCode).toBe(130);
  });
});

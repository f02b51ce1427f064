import { describe, expect, it } from 'vitest';
import { OpenResources, type OpenResourcesOptions } from '../../src/local/open-resources.ts';
import { UploadLedgerError } from '../../src/shared/errors.ts';

/** Opens resources by name, and notes what happens to them. */
function openResources(options: OpenResourcesOptions = {}) {
  const opened = new OpenResources(options);
  const events: string[] = [];
  const open = (name: string, close: () => unknown = () => undefined) =>
    opened.open(
      name,
      () => {
        events.push(`opened ${name}`);
        return name;
      },
      (resource) => {
        events.push(`closed ${resource}`);
        return close();
      },
    );
  return { opened, open, events };
}

const fail = (message: string) => () => {
  throw new UploadLedgerError('test', message);
};

describe('open resources', () => {
  it('are closed in reverse order, once', async () => {
    const { opened, open, events } = openResources();
    for (const name of ['a', 'b', 'c']) expect(await open(name)).toBe(name);
    await opened.close();
    await opened.close();
    expect(events).toEqual(['opened a', 'opened b', 'opened c', 'closed c', 'closed b', 'closed a']);
  });

  it('are all closed whatever closing throws, of which the first is thrown', async () => {
    const { opened, open, events } = openResources();
    await open('a', fail('last'));
    await open('b', async () => fail('second')());
    await open('c');
    await open('d', fail('first'));
    await expect(opened.close()).rejects.toThrow(/^first$/);
    expect(events.slice(4)).toEqual(['closed d', 'closed c', 'closed b', 'closed a']);
  });

  it('are closed when opening the next fails, whose error is thrown', async () => {
    const { opened, open, events } = openResources();
    const work = opened.closeOnError(async () => {
      await open('a', fail('a consequence'));
      await open('b');
      await opened.open('c', fail('the cause'), () => events.push('closed c'));
    });
    await expect(work).rejects.toThrow(/^the cause$/);
    expect(events).toEqual(['opened a', 'opened b', 'closed b', 'closed a']);
  });

  it('are closed at once when they have opened only after the others were closed', async () => {
    const { opened, open, events } = openResources();
    await open('a');
    const ready = Promise.withResolvers<string>();
    const late = opened.open(
      'b',
      () => ready.promise,
      () => events.push('closed b'),
    );
    await opened.close();
    ready.resolve('b');
    await late;
    expect(events).toEqual(['opened a', 'closed a', 'closed b']);
  });

  it('name the step of an error that says nothing to people', async () => {
    const { opened, open } = openResources();
    await open('the console', () => {
      throw new TypeError('x is not a function');
    });
    await expect(opened.close()).rejects.toMatchObject({
      code: 'open-failed',
      message: 'Could not close the console: TypeError: x is not a function',
    });
  });

  it('are given up when closing takes too long, with the name of what does not close', async () => {
    const due: (() => void)[] = [];
    const clock = {
      after: (_: number, callback: () => void) => {
        due.push(callback);
        return () => undefined;
      },
    };
    const { opened, open, events } = openResources({ closeWithinMs: 6000, clock });
    await open('a');
    await open('b', () => new Promise(() => undefined));
    await open('c');
    const closed = opened.close();
    await expect.poll(() => events.at(-1)).toBe('closed b');
    for (const callback of due) callback();
    await expect(closed).rejects.toMatchObject({ code: 'close-timeout', message: 'Could not close b within 6 s.' });
  });

  it('report each step, which may fail it', async () => {
    const steps: string[] = [];
    const { opened, open, events } = openResources({
      onStep: (step) => {
        steps.push(step);
        if (step === 'close b' || step === 'open c') fail(`injected at ${step}`)();
      },
    });
    await open('a');
    await open('b');
    await expect(open('c')).rejects.toThrow('injected at open c');
    await expect(opened.close()).rejects.toThrow('injected at close b');
    expect(steps).toEqual(['open a', 'open b', 'open c', 'close b', 'close a']);
    expect(events).toEqual(['opened a', 'opened b', 'closed b', 'closed a']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { Episodes } from './episodes.ts';
import { START } from './observed-metrics.ts';

const QUARTER = START + 15 * 60_000;

describe('the alarm on failing digests', () => {
  let episodes: Episodes;

  beforeAll(async () => {
    episodes = await Episodes.start(assemblyDirectory('emailAlarms'));
  });

  afterAll(() => episodes?.stack.close());

  it('is OK while digests are sent', async () => {
    const observed = await episodes.run();
    await episodes.stack.scheduler.tickNow();
    await episodes.stack.drained();
    expect(episodes.stateOf('digests-fail', observed, QUARTER)).toBe('OK');
  });

  it('is raised when SES is down until the tick is a dead letter', async () => {
    const { mail } = episodes.stack.servers;
    // The alert on the upload is sent before: the tick alone is tried again, once in each visibility timeout.
    const observed = await episodes.run();
    mail.setDown(true);
    await episodes.stack.scheduler.tickNow();
    await episodes.stack.drained();
    mail.setDown(false);
    expect(episodes.stateOf('digests-fail', observed, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-fails', observed, QUARTER)).toBe('OK');
  });

  it('is the only alarm that email adds, beside that on failing alerts', () => {
    expect([...episodes.alarms.keys()].sort()).toEqual([
      'alerts-fail',
      'dead-letters-expire',
      'dead-letters-waiting',
      'digests-fail',
      'function-fails',
      'function-throttled',
      'messages-fail',
      'table-throttled',
      'uploads-wait',
    ]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMAIL } from '../../infra/variants.ts';
import { Episodes } from './episodes.ts';
import { START } from './observed-world.ts';

const QUARTER = START + 15 * 60_000;

describe('the alarm of digests that fail', () => {
  let episodes: Episodes;

  beforeAll(async () => {
    episodes = await Episodes.start({ ...EMAIL, batchSize: '10', batchWindowSeconds: '0' });
  });

  afterAll(() => episodes?.stack.close());

  it('is silent while they are sent', async () => {
    const world = await episodes.through();
    await episodes.stack.scheduler.tickNow();
    await episodes.stack.drained();
    expect(episodes.stateOf('digests-fail', world, QUARTER)).toBe('OK');
  });

  it('is raised when SES is down until the tick is a dead letter', async () => {
    const { mail } = episodes.stack.servers;
    const world = await episodes.through(() => mail.setDown(true));
    await episodes.stack.scheduler.tickNow();
    await episodes.stack.drained();
    mail.setDown(false);
    expect(episodes.stateOf('digests-fail', world, QUARTER)).toBe('ALARM');
    expect(episodes.stateOf('function-fails', world, QUARTER)).toBe('OK');
  });

  it('is the only one that email brings', () => {
    expect([...episodes.alarms.keys()].sort()).toEqual([
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

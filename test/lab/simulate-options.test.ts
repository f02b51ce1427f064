import { describe, expect, it } from 'vitest';
import { readArguments, USAGE } from './simulate-options.ts';

describe('the options of a simulation', () => {
  it('draw one plan for each seed', () => {
    const { plans } = readArguments(['--seeds', '3-5', '--days', '2', '--rate', '100']);
    expect(plans.map(({ seed, days }) => [seed, days])).toEqual([3, 4, 5].map((seed) => [seed, 2]));
  });

  it('say what is down, when and for how long', () => {
    const [plan] = readArguments(['--outage', '3h@day2', '--outage', 'bundle:20m@day0.5']).plans;
    expect(plan?.outages).toEqual([
      { kind: 'table', hours: 3, atHours: 48 },
      { kind: 'bundle', hours: 1 / 3, atHours: 12 },
    ]);
  });

  it('turn on the bus for events, also when EventBridge is what is down', () => {
    for (const args of [['--events'], ['--outage', 'events:10h@day1'], ['--only', 'steady', '--events']]) {
      expect(readArguments(args).plans[0]?.deployment).toMatchObject({ publishesEvents: true });
    }
    const [drawn] = readArguments(['--events']).plans;
    expect(drawn?.deployment).toMatchObject({ batchSize: expect.any(Number) });
  });

  it('choose workloads instead of what the seed draws', () => {
    const [plan] = readArguments(['--only', 'steady,poison', '--versioned', '--quiet']).plans;
    expect(plan).toMatchObject({ isVersioned: true, workloads: [{ kind: 'steady' }, { kind: 'poison' }] });
    expect(Object.values(plan?.noise ?? {}).every((share) => share === 0)).toBe(true);
  });

  it.each([
    [['--seed', 'x'], '--seed to be a number'],
    [['--days', '0'], '--days to be a number from'],
    [['--rate', '1.5'], '--rate to be a whole number'],
    [['--outage', 'tuesday'], '--outage to be such as'],
    [['--outage', 'moon:3h@day1'], '--outage to be such as'],
    [['--only', 'steady,naps'], '--only to name some of'],
    [['--versioned'], '--only beside'],
    [['--seeds', '5-1'], '--seed to be a number from 5'],
  ])('%j is refused with what was expected', (args, expected) => {
    expect(() => readArguments(args)).toThrow(expected);
  });

  it('are told within 80 columns', () => {
    expect(USAGE.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

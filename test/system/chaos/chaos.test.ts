import { beforeAll, describe, expect, it } from 'vitest';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { drawnSchedule } from './faults/schedule.ts';
import { totalFaults, violationLines } from './report.ts';
import { type ChaosResult, runChaos } from './run-chaos.ts';

const UPLOADS = 150;

describe('a short chaos run', () => {
  let result: ChaosResult;

  beforeAll(async () => {
    result = await runChaos({
      assemblyDirectory: assemblyDirectory(),
      uploads: UPLOADS,
      seed: 20,
      schedule: drawnSchedule(20),
      longestOutage: 60,
      mostFaults: 130,
      notificationFaults: { shuffle: 30, duplicate: 0.1, delay: 1 },
    });
  });

  it('leaves the table, the dead-letter queue, the metrics and the log as the model says', () => {
    expect(violationLines(result)).toEqual([]);
    expect(result.records).toBeGreaterThanOrEqual(UPLOADS);
  });

  it('was not spared', () => {
    expect(totalFaults(result)).toBeGreaterThan(100);
    expect(result.ends.crashes).toBeGreaterThan(0);
    expect(result.counts.get('message: never delivered')).toBeGreaterThan(0);
    expect(new Set(result.struck.map(({ place }) => place))).toContain('queue');
  });
});

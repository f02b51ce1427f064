import type { ConsoleSource } from '../../src/console/source.ts';
import type { LedgerReader } from '../../src/ledger/read/reader.ts';
import { systemClock } from '../../src/shared/clock.ts';

/** A source of which only `parts` matter; whatever else is asked for fails the test. */
export function sourceOf(parts: Partial<ConsoleSource> & { readonly reader: LedgerReader }): ConsoleSource {
  const queue = { client: { send: unused }, url: '' };
  return {
    name: 'a test',
    isLocal: false,
    region: 'eu-west-1',
    bucketName: 'uploads-bucket',
    readQueues: async () => ({ waiting: 0, inFlight: 0, backlogAge: 0, deadLetters: 0 }),
    pollMilliseconds: 10,
    queues: {
      uploads: queue,
      deadLetters: queue,
      settings: { uploads: {}, records: { indexShards: 1, source: 'notification' } },
      stored: unused,
      found: { supersededBy: unused, remove: unused },
      clock: systemClock,
    },
    async *checkHealth() {
      yield await unused();
    },
    digests: [],
    previewDigest: unused,
    ...parts,
  };
}

async function unused(): Promise<never> {
  throw new Error('this part of the source is not used here');
}

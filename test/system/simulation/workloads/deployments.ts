import { summaryPartition, TABLE } from '../../../../src/contract/table.ts';
import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import { HOUR_MS, MINUTE_MS } from '../../../../src/shared/time.ts';
import type { Deployments } from '../plans/workload-specs.ts';
import type { S3Event } from '../services/simulated-s3.ts';
import type { Stage } from './stage.ts';

export async function deploy({ world }: Stage, { changes }: Deployments): Promise<void> {
  await Promise.all(
    changes.map(async ({ atHours, change }) => {
      await world.clock.sleep(atHours * HOUR_MS);
      world.deploy(change);
    }),
  );
}

/** As version 1 wrote it. Frozen: a later version has to read this text for as long as summaries are kept. */
const SUMMARY_V1 =
  '{"v":1,"uploads":[3,600],"deletes":1,"restores":0,"categories":[["document",3,600]],"buckets":[["uploads-bucket",3,600]],' +
  '"uploaders":[["alice",2,400],["bob",1,200]],"mentions":[["uploads-bucket","old/1.txt",400,"2026-02-28T20:00:00.000Z","A1","alice"],' +
  '["uploads-bucket","old/2.txt",200,"2026-02-28T20:00:01.000Z","A2","bob"]],"largest":[0,1],"latest":[1,0],"failed":0,' +
  '"quarantined":0,"delay":900,"heldBack":0}';
const UPLOADS_V1 = 3;
const SUMMARIES_V1 = 4;
const OBJECTS_V1 = 5;

/** As the first released version's schedules wrote it. Frozen as well. */
const TICK_V1 = (due: string) =>
  `{"uploadLedger":"digest-tick","scheduledTime":"${due}","digest":{"name":"daily","recipients":["team@example.com"],` +
  '"timeZone":"UTC","minimumUploads":1}}';

/** A record as the first version put it: without `content_type_source`. Frozen like the others. */
const recordV1 = ({ at, version, principalId }: S3Event): LedgerRecord => ({
  s3_object: `uploads-bucket/${version.key}`,
  upload_id: version.sequencer.padEnd(32, '0'),
  filename: version.key,
  s3_bucket: 'uploads-bucket',
  s3_key: version.key,
  filesize: version.size,
  timestamp: new Date(at).toISOString(),
  status: 'uploaded',
  content_type: 'text/plain',
  category: 'document',
  uploader: principalId.slice(principalId.lastIndexOf(':') + 1),
  uploader_source: 'session-name',
  event_name: 'ObjectCreated:Put',
  etag: version.eTag,
  ...(version.versionId !== undefined && { version_id: version.versionId }),
  source: 'notification',
  day_shard: `${new Date(at).toISOString().slice(0, 10)}#00`,
  uploader_shard: 'alice#00',
});

/** Objects that the older version has recorded. They live on like all others. */
function leaveOldRecords({ world: { bucket, keys, recordAsOlder } }: Stage): void {
  recordAsOlder(recordV1, () => {
    for (let left = OBJECTS_V1; left > 0; left -= 1) bucket.put(keys.make('old', '.txt'), 200, 'AWS:AROAEXAMPLE:alice');
  });
}

export async function leaveOldItems(stage: Stage): Promise<void> {
  const { world, startsAt } = stage;
  leaveOldRecords(stage);
  for (let summary = 1; summary <= SUMMARIES_V1; summary += 1) {
    const at = startsAt - summary * HOUR_MS - MINUTE_MS;
    const time = new Date(at).toISOString();
    world.table.put({
      [TABLE.partitionKey]: { S: summaryPartition(time) },
      [TABLE.sortKey]: { S: `${time}#old-${summary}` },
      [TABLE.timeToLive]: { N: String(Math.ceil(at / 1000) + 35 * 24 * 3600) },
      summary: { S: SUMMARY_V1 },
    });
    world.seen.stored.push({ at, uploads: UPLOADS_V1 });
    world.seen.olderUploads += UPLOADS_V1;
  }
  const due = startsAt + MINUTE_MS;
  // Today's settings hold, whatever the tick says.
  const { minimumUploads } = world.deployment;
  world.seen.ticks.push({ due, sentAt: startsAt, minimumUploads });
  world.uploads.send(TICK_V1(new Date(due).toISOString().replace('.000Z', 'Z')), { delayMs: 2 * MINUTE_MS });
}

import { randomUUID } from 'node:crypto';
import type { ObjectChange } from '../service-server/object-change.ts';

const ACCOUNT = '000000000000';
const REASONS = {
  Put: 'PutObject',
  Post: 'POST Object',
  Copy: 'CopyObject',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
  Delete: 'DeleteObject',
} as const satisfies Record<ObjectChange['kind'], string>;

/** The body of the message that an EventBridge rule sends for a change (S3 User Guide, "EventBridge event message structure"). */
export function eventBridgeBody(change: ObjectChange, region: string): string {
  const isDelete = change.kind === 'Delete';
  const event = {
    version: '0',
    id: randomUUID(),
    'detail-type': isDelete ? 'Object Deleted' : 'Object Created',
    source: 'aws.s3',
    account: ACCOUNT,
    // EventBridge tells the time to the second.
    time: change.eventTime.replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [`arn:aws:s3:::${change.bucket}`],
    detail: {
      version: '0',
      bucket: { name: change.bucket },
      object: {
        key: change.key,
        ...(change.size !== undefined && { size: change.size }),
        ...(change.eTag !== undefined && { etag: change.eTag }),
        sequencer: change.sequencer,
      },
      'request-id': change.requestId,
      requester: ACCOUNT,
      'source-ip-address': change.sourceIp,
      reason: REASONS[change.kind],
      ...(isDelete && { 'deletion-type': 'Permanently Deleted' }),
    },
  };
  return escapeAstral(JSON.stringify(event));
}

/** Emoji and their like as JSON escapes, which mean the same: the emulator's queues refuse them as they are, SQS does not. */
function escapeAstral(json: string): string {
  return json.replace(/[\ud800-\udfff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

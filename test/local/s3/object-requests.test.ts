import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { S3Edge, type S3Request } from '../../../src/local/s3/edge.ts';
import { MultipartUploads } from '../../../src/local/s3/multipart.ts';
import type { ObjectChange } from '../../../src/local/s3/notification.ts';
import { ObjectIndex } from '../../../src/local/s3/object-index.ts';
import { writeRefusal } from '../../../src/local/s3/object-requests.ts';
import { ChangeFeed, type ObjectWatch } from '../../../src/local/s3/object-watch.ts';
import { systemClock } from '../../../src/shared/clock.ts';

const operation = { kind: 'write', change: 'Put', bucket: 'b', key: 'k' } as const;

function conditionalPut() {
  const headers = { 'if-none-match': '*' };
  const raw = new IncomingMessage(new Socket());
  const request = { method: 'PUT', url: '/b/k', headers, query: {}, params: {}, ip: '', raw, body: Buffer.alloc(0) };
  const s3: S3Request = {
    operation,
    parameters: {},
    id: 'request',
    contentType: undefined,
    settings: { headers: {}, tags: [] },
    onAnswer: [],
  };
  return { request, s3 };
}

describe('conditional writes of one key at once', () => {
  it('are told of each other, until the first is answered', async () => {
    const feed = new ChangeFeed();
    const watch: ObjectWatch = {
      edge: new S3Edge(systemClock, () => 'id'),
      index: new ObjectIndex(),
      uploads: new MultipartUploads(),
      conditionalKeys: new Set(),
      feed,
      nextSequencer: () => '0',
      clock: systemClock,
    };
    const earlier = Promise.withResolvers<ObjectChange>();
    feed.announce(earlier.promise);
    const [first, second, third] = [conditionalPut(), conditionalPut(), conditionalPut()];
    const both = [first, second].map(({ request, s3 }) => writeRefusal(watch, request, s3, operation));
    earlier.reject(new Error('described by nobody'));
    expect(await Promise.all(both)).toMatchObject([undefined, { status: 409, code: 'ConditionalRequestConflict' }]);
    for (const change of first.s3.onAnswer) change({ status: 412, eTag: '', text: () => '' });
    expect(await writeRefusal(watch, third.request, third.s3, operation)).toBeUndefined();
  });
});

import { createHash } from 'node:crypto';
import { HeadObjectCommand, ListObjectsV2Command, type ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BucketSubject, emulatedBucket, simulatedBucket } from './bucket-subjects.ts';

interface Notification {
  readonly eventName: string;
  readonly eventTime: string;
  readonly userIdentity: { readonly principalId: string };
  readonly s3: { readonly object: Readonly<Record<string, unknown>> & { readonly sequencer: string } };
}

/** Fields of a notification of content, as paths. A delete has neither size nor eTag. */
const FIELDS = [
  'awsRegion',
  'eventName',
  'eventSource',
  'eventTime',
  'eventVersion',
  'requestParameters.sourceIPAddress',
  'responseElements.x-amz-id-2',
  'responseElements.x-amz-request-id',
  's3.bucket.arn',
  's3.bucket.name',
  's3.bucket.ownerIdentity.principalId',
  's3.configurationId',
  's3.object.eTag',
  's3.object.key',
  's3.object.sequencer',
  's3.object.size',
  's3.s3SchemaVersion',
  'userIdentity.principalId',
];
const FIELDS_OF_A_DELETE = FIELDS.filter((field) => !['s3.object.eTag', 's3.object.size'].includes(field));

/** In the order of a listing: U+1F600 comes last in UTF-8, and before U+FF0C in UTF-16. */
const KEYS = ['a b+c.txt', 'a%20b', 'a/b', 'é.txt', '，', '\u{1f600}.png'];

describe.each([
  { kind: 'emulated', open: emulatedBucket },
  { kind: 'simulated', open: simulatedBucket },
])('a bucket, $kind', ({ open }) => {
  let subject: BucketSubject;

  beforeAll(async () => {
    subject = await open();
  });

  afterAll(() => subject.close());

  const inTime = (work: () => Promise<void>) => () => subject.run(work);
  const told = async () =>
    (await subject.notifications()).map((body): Notification => {
      const { Records } = JSON.parse(body);
      expect(Records).toHaveLength(1);
      return Records[0];
    });
  const list = (input: Omit<ListObjectsV2CommandInput, 'Bucket'>) =>
    subject.client.send(new ListObjectsV2Command({ Bucket: subject.bucket, ...input }));
  const head = (Key: string) => subject.client.send(new HeadObjectCommand({ Bucket: subject.bucket, Key }));

  it(
    'tells of a put, an overwrite, a copy, a multipart upload and a delete',
    inTime(async () => {
      const key = 'photos/café 100%+.jpg';
      await subject.put(key, 'one');
      await subject.put(key, 'three');
      await subject.copy(key, 'copy.jpg');
      await subject.multipart('large.bin', 'much');
      await subject.remove(key);
      const events = await told();
      expect(events.map(({ eventName, s3: { object } }) => [eventName, object.key, object.size])).toEqual([
        ['ObjectCreated:Put', 'photos/caf%C3%A9+100%25%2B.jpg', 3],
        ['ObjectCreated:Put', 'photos/caf%C3%A9+100%25%2B.jpg', 5],
        ['ObjectCreated:Copy', 'copy.jpg', 5],
        ['ObjectCreated:CompleteMultipartUpload', 'large.bin', 4],
        ['ObjectRemoved:Delete', 'photos/caf%C3%A9+100%25%2B.jpg', undefined],
      ]);
      const [put, , copy, multipart, removal] = events;
      expect(put?.s3.object.eTag).toBe(md5('one'));
      expect(copy?.s3.object.eTag).toBe(md5('three'));
      expect(multipart?.s3.object.eTag).toMatch(/^[0-9a-f]{32}-\d+$/);
      expect(put?.userIdentity.principalId).toMatch(/^AWS:AROA\w+:alice$/);
      expect(put?.eventTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      for (const event of [put, copy, multipart]) expect(pathsOf(event)).toEqual(FIELDS);
      expect(pathsOf(removal)).toEqual(FIELDS_OF_A_DELETE);
    }),
  );

  it(
    'tells nothing when what is deleted is not there',
    inTime(async () => {
      await subject.remove('never-there');
      expect(await told()).toEqual([]);
    }),
  );

  it(
    'gives the events of a key sequencers that grow',
    inTime(async () => {
      for (let round = 0; round < 5; round += 1) {
        await subject.put('again', `${round}`);
        await subject.remove('again');
      }
      const sequencers = (await told()).map(({ s3 }) => s3.object.sequencer);
      expect(sequencers).toHaveLength(10);
      for (const sequencer of sequencers) expect(sequencer).toMatch(/^[0-9A-F]{18}$/);
      expect(sequencers.toSorted()).toEqual(sequencers);
      expect(new Set(sequencers).size).toBe(10);
    }),
  );

  it(
    'lists its objects by the bytes of their keys, a page at a time',
    inTime(async () => {
      for (const key of KEYS.toReversed()) await subject.put(`order/${key}`, key);
      const expected = KEYS.map((key) => `order/${key}`);
      const { Contents, KeyCount, IsTruncated } = await list({ Prefix: 'order/' });
      expect(Contents?.map(({ Key }) => Key)).toEqual(expected);
      expect([KeyCount, IsTruncated]).toEqual([KEYS.length, false]);
      const listed: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await list({ Prefix: 'order/', MaxKeys: 2, ContinuationToken });
        expect(page.KeyCount).toBe(page.Contents?.length);
        listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
        ContinuationToken = page.NextContinuationToken;
        expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
      } while (ContinuationToken !== undefined);
      expect(listed).toEqual(expected);
    }),
  );

  it(
    'lists what comes after a key, and encodes keys on request',
    inTime(async () => {
      for (const key of ['1 +', '2/x', '3']) await subject.put(`after/${key}`, key);
      const { Contents } = await list({ Prefix: 'after/', StartAfter: 'after/1 +', EncodingType: 'url' });
      expect(Contents?.map(({ Key }) => decodeURIComponent(Key ?? ''))).toEqual(['after/2/x', 'after/3']);
      const { Contents: all } = await list({ Prefix: 'after/1', EncodingType: 'url' });
      expect(all?.[0]?.Key).toMatch(/1(%20|\+)%2B$/);
    }),
  );

  it(
    'lists nothing under a prefix that no key has',
    inTime(async () => {
      expect(await list({ Prefix: 'nowhere/' })).toMatchObject({ KeyCount: 0, IsTruncated: false });
      expect((await list({ Prefix: 'nowhere/' })).Contents).toBeUndefined();
    }),
  );

  it(
    'describes an object alike in a listing and in the answer to a HEAD',
    inTime(async () => {
      await subject.put('described', 'content');
      const { ContentLength, ETag, LastModified } = await head('described');
      expect([ContentLength, ETag]).toEqual([7, `"${md5('content')}"`]);
      expect(LastModified?.getUTCMilliseconds()).toBe(0);
      const { Contents = [] } = await list({ Prefix: 'described' });
      expect(Contents[0]).toMatchObject({ Size: 7, ETag });
    }),
  );

  it(
    'answers a HEAD of what is not there with an error of its own',
    inTime(async () => {
      await subject.put('gone', 'content');
      await subject.remove('gone');
      const error = { name: 'NotFound', $metadata: { httpStatusCode: 404 } };
      await expect(head('gone')).rejects.toMatchObject(error);
    }),
  );
});

function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const prefix = path === '' ? '' : `${path}.`;
  return Object.entries(value)
    .flatMap(([name, field]) => pathsOf(field, `${prefix}${name}`))
    .sort();
}

function md5(content: string): string {
  return createHash('md5').update(content).digest('hex');
}

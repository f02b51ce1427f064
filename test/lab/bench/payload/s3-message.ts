import { createHash } from 'node:crypto';

const BUCKET = 'acme-customer-uploads-eu-central-1';
/** A mix of all categories that occur in practice. */
const EXTENSIONS = ['jpg', 'jpg', 'jpg', 'png', 'pdf', 'pdf', 'mp4', 'csv', 'zip', 'json'];
const MILLISECONDS_BETWEEN = 20;

/**
 * Message number `index` of the bench as Lambda gets it: every field that S3 and SQS send, with values of their usual
 * lengths. About 1.9 kB of JSON.
 *
 * @param newest Epoch milliseconds of message 0; the others are older, 50 a second.
 */
export function s3Message(index: number, newest: number) {
  const hash = createHash('md5').update(String(index)).digest('hex');
  const time = newest - index * MILLISECONDS_BETWEEN;
  return {
    messageId: `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20)}`,
    receiptHandle: `AQEB${createHash('sha512').update(hash).digest('base64').repeat(4)}`,
    body: JSON.stringify({ Records: [s3Event(index, hash, new Date(time).toISOString())] }),
    attributes: {
      ApproximateReceiveCount: '1',
      AWSTraceHeader: `Root=1-${hash.slice(0, 8)}-${hash.slice(8)};Parent=${hash.slice(16)};Sampled=0;Lineage=1:${hash.slice(0, 8)}:0`,
      SentTimestamp: String(time + 700),
      SenderId: 'AROAEXAMPLEEXAMPLEXYZ:S3-PROD-END',
      ApproximateFirstReceiveTimestamp: String(time + 710),
    },
    messageAttributes: {},
    md5OfBody: hash,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:UploadLedger-Uploads4F7A2B1C-Xy12Zw34Uv56',
    awsRegion: 'eu-central-1',
  };
}

function s3Event(index: number, hash: string, eventTime: string) {
  const extension = EXTENSIONS[index % EXTENSIONS.length];
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime,
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: `AWS:AROAEXAMPLEEXAMPLEABC:customer-${index % 40}` },
    requestParameters: { sourceIPAddress: `203.0.113.${index % 250}` },
    responseElements: {
      'x-amz-request-id': hash.slice(0, 16).toUpperCase(),
      'x-amz-id-2': createHash('sha384').update(hash).digest('base64'),
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'UploadLedgerNotifications',
      bucket: { name: BUCKET, ownerIdentity: { principalId: 'A3NL1KOZZKEXAMPLE' }, arn: `arn:aws:s3:::${BUCKET}` },
      object: {
        key: `uploads/customer-${index % 40}/2026/quarterly+results+%28final%29/IMG_${hash.slice(0, 12)}.${extension}`,
        size: 10_000 + index * 37,
        eTag: hash,
        sequencer: `0067${hash.slice(0, 14).toUpperCase()}`,
      },
    },
  };
}

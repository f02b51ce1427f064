/** Messages that no retry can cure, and the reason that each must stand in the dead-letter queue with. */
export const POISON = [
  { body: 'This is not JSON', reason: 'not-json' },
  { body: '{"Records":[]}', reason: 'no-records' },
  {
    body: JSON.stringify({
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: 'us-east-1',
          eventTime: '2026-01-01T00:00:00.000Z',
          eventName: 'ObjectCreated:Put',
          s3: { bucket: { name: 'poison' }, object: { key: '100%', size: 1 } },
        },
      ],
    }),
    reason: 'key-not-decodable',
  },
] as const;

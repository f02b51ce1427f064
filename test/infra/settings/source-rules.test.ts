import { describe, expect, it } from 'vitest';
import { configurationErrorOf } from './configuration-error-of.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:uploads';

function rules(settings: Readonly<Record<string, unknown>>): string[] {
  return configurationErrorOf(settings)?.issues.map(({ key, rule }) => `${key} ${rule}`) ?? [];
}

describe('the source of uploads', () => {
  it.each([
    { existingBuckets: 'first,second' },
    { existingBuckets: ['first', 'www.example.com'], prefix: 'in/' },
    { sourceTopicArn: TOPIC },
    { bucketName: 'my-uploads', delivery: 'eventbridge' },
  ])('may be %j', (settings) => {
    expect(rules(settings)).toEqual([]);
  });

  it('is of one kind', () => {
    expect(rules({ existingBuckets: 'first', bucketName: 'my-own', delivery: 'eventbridge' })).toEqual([
      'existingBuckets must not be given beside bucketName, delivery: they say how a bucket of the stack’s own is made',
    ]);
    expect(rules({ sourceTopicArn: TOPIC, existingBuckets: 'first' })).toEqual([
      expect.stringMatching(/^sourceTopicArn must not be given beside existingBuckets: /),
    ]);
    expect(rules({ sourceTopicArn: TOPIC, prefix: 'in/' })).toEqual([
      expect.stringMatching(/^sourceTopicArn must not be given beside prefix: /),
    ]);
  });

  it.each([
    ['existingBuckets', 'One'],
    ['existingBuckets', 'one,one'],
    ['existingBuckets', []],
    ['sourceTopicArn', 'uploads'],
    ['sourceTopicArn', `${TOPIC}.fifo`],
    ['alarmTopicArn', 'arn:aws:sqs:eu-west-1:111122223333:uploads'],
    ['alarmEmails', 'nobody'],
    ['alarmEmails', 'a@example.com,a@example.com'],
    ['recordedEventsBus', 'a bus'],
    ['tracing', 'yes'],
    ['delivery', 'pigeon'],
  ])('is refused when it is malformed, like every name: %s = %j', (key, value) => {
    expect(rules({ [key]: value })).toEqual([expect.stringMatching(new RegExp(`^${key} must be `))]);
  });

  it('fits into an EventBridge rule, where it needs one', () => {
    const existingBuckets = Array.from({ length: 20 }, (_, at) => `${at}`.padStart(63, 'bucket-'));
    expect(rules({ existingBuckets })).toEqual([]);
    expect(rules({ existingBuckets, prefix: 'p'.repeat(300), suffix: 's'.repeat(300) })).toEqual([
      expect.stringMatching(
        /^prefix must fit with suffix and the buckets' names into a rule of EventBridge, and are \d+ /,
      ),
    ]);
    const long = { prefix: 'p'.repeat(1000), suffix: 's'.repeat(1000) };
    expect(rules({ ...long, delivery: 'eventbridge' })).toHaveLength(1);
    expect(rules(long)).toEqual([]);
  });

  it('allows a topic or addresses for alarms, not both', () => {
    expect(rules({ alarmTopicArn: TOPIC, alarmEmails: 'a@example.com' })).toEqual([
      'alarmTopicArn must not be given beside alarmEmails: subscribe the addresses to that topic',
    ]);
  });

  it('allows uploaderMetadata, except behind a topic', () => {
    expect(rules({ uploaderMetadata: 'true', existingBuckets: 'invoices' })).toEqual([]);
    expect(rules({ uploaderMetadata: 'true', sourceTopicArn: TOPIC })).toEqual([
      'uploaderMetadata must not be true behind a topic: the ledger does not know its buckets, and can be allowed to read none of them',
    ]);
  });
});

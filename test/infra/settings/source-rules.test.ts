import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { appWithoutBundles } from '../synthesized.ts';
import { configurationErrorOf } from './configuration-error-of.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:uploads';

function rules(settings: Readonly<Record<string, unknown>>): string[] {
  return configurationErrorOf(settings)?.issues.map(({ key, rule }) => `${key} ${rule}`) ?? [];
}

describe('the source of uploads', () => {
  it.each([
    {},
    { source: {} },
    { source: '{"buckets":["first","second"]}' },
    { source: { buckets: ['first', 'www.example.com', 'My_Old_Bucket'] }, prefix: 'in/' },
    { source: { buckets: 'first,second', delivery: 'notification' }, prefix: 'in/', suffix: '.pdf' },
    { source: { topic: TOPIC }, prefix: 'in/', events: 'ObjectCreated:*' },
    { source: { bucketName: 'my-uploads', delivery: 'eventbridge' } },
    { source: { bucketName: undefined, buckets: ['first'] } },
    { source: { corsOrigins: ['https://app.example.com', 'https://*.example.com', 'http://localhost:3000', '*'] } },
    { source: { corsOrigins: ['capacitor://localhost'] } },
  ])('may be %j', (settings) => {
    expect(rules(settings)).toEqual([]);
  });

  it('of existing buckets is heard through EventBridge, if nothing else is said', () => {
    expect(parseConfiguration({ source: { buckets: 'first' } }).source).toEqual({
      buckets: ['first'],
      delivery: 'eventbridge',
    });
  });

  it.each([
    [{ bucketName: 'my-own', buckets: ['first'] }, /^source\.bucketName cannot be used with buckets: /],
    [{ topic: TOPIC, buckets: ['first'] }, /^source\.buckets cannot be used with topic: /],
    [{ topic: TOPIC, bucketName: 'my-own' }, /^source\.bucketName cannot be used with topic: /],
    [{ topic: TOPIC, delivery: 'notification' }, /^source\.delivery cannot be used with topic: /],
    [
      { bucket: 'first' },
      /^source\.bucket is unknown; a source has bucketName, delivery, corsOrigins, buckets, topic$/,
    ],
    [{ buckets: [] }, /^source\.buckets must be a list of 1 to 20 buckets, each once$/],
    [{ buckets: ['one', 'one'] }, /^source\.buckets must be a list of 1 to 20 buckets, each once$/],
    [{ buckets: ['no way'] }, /^source\.buckets must be a list of 1 to 20 buckets, each once$/],
    [{ buckets: ['uploads--use1-az4--x-s3'] }, /is a directory bucket, which has no notifications$/],
    [{ buckets: ['uploads-1234-s3alias'] }, /is an access point's alias: give the name of its bucket/],
    [{ topic: 'uploads' }, /^source\.topic must be a standard SNS topic, as text its ARN, /],
    [{ topic: `${TOPIC}.fifo` }, /^source\.topic must be a standard SNS topic, as text its ARN, /],
    [{ delivery: 'pigeon' }, /^source\.delivery must be one of notification, eventbridge$/],
    ['my-bucket', /^source must be \{"buckets": \[...\]\}, /],
  ])('must not be %j', (source, rule) => {
    expect(rules({ source })).toEqual([expect.stringMatching(rule)]);
  });

  it.each(['bucketName', 'delivery', 'corsOrigins', 'existingBuckets', 'sourceTopicArn'])('holds %s', (key) => {
    expect(rules({ [key]: 'x' })).toEqual([
      expect.stringMatching(new RegExp(`^${key} is not a setting: it is part of source, as in \\{`)),
    ]);
  });

  it.each([
    'app.example.com',
    'https://app.example.com/',
    'https://App.example.com',
    'https://app.example.com:443',
    'https://*.*.example.com',
    'https://',
    '',
  ])('admits no page at %j, which no browser sends as an origin', (origin) => {
    expect(rules({ source: { corsOrigins: [origin] } })).toEqual([
      expect.stringMatching(/^source\.corsOrigins must be a list of 1 to 20 origins as browsers send them, /),
    ]);
    expect(rules({ source: { buckets: ['mine'], corsOrigins: ['*'] } })).toEqual([
      'source.corsOrigins cannot be used with buckets: it is a setting of a new bucket',
    ]);
  });

  it('is filtered behind a topic by prefix or suffix, because a subscription knows no "and" of one property', () => {
    expect(rules({ source: { topic: TOPIC }, prefix: 'in/', suffix: '.pdf' })).toEqual([
      'suffix cannot be used with prefix when source is a topic: a subscription filters by only one of them',
    ]);
  });

  it.each([
    ['alarmTopic', 'arn:aws:sqs:eu-west-1:111122223333:uploads'],
    ['alarmEmails', 'nobody'],
    ['alarmEmails', 'a@example.com,a@example.com'],
    ['recordedEventsBus', 'a bus'],
    ['tracing', 'yes'],
    ['customerKey', 'alias/mine'],
  ])('is refused when it is malformed, like every name: %s = %j', (key, value) => {
    expect(rules({ [key]: value })).toEqual([expect.stringMatching(new RegExp(`^${key} must be `))]);
  });

  it('fits into an EventBridge rule, where it needs one', () => {
    const buckets = Array.from({ length: 20 }, (_, at) => `${at}`.padStart(63, 'bucket-'));
    expect(rules({ source: { buckets } })).toEqual([]);
    const rest = { prefix: 'p'.repeat(300), suffix: 's'.repeat(300) };
    expect(rules({ source: { buckets }, ...rest })).toEqual([
      expect.stringMatching(
        /^prefix must fit with suffix and the buckets' names into an EventBridge rule, but are \d+ /,
      ),
    ]);
    expect(rules({ source: { buckets, delivery: 'notification' }, ...rest })).toEqual([]);
    const long = { prefix: 'p'.repeat(1000), suffix: 's'.repeat(1000) };
    expect(rules({ ...long, source: { delivery: 'eventbridge' } })).toHaveLength(1);
    expect(rules(long)).toEqual([]);
  });

  it('is measured as EventBridge gets it, to the character', () => {
    const buckets = Array.from({ length: 20 }, (_, at) => `${at}`.padStart(63, 'bucket-'));
    const longest = (prefix: string) => rules({ source: { buckets }, prefix }).length === 0;
    expect([longest('p'.repeat(566)), longest('p'.repeat(567))]).toEqual([true, false]);
  });

  it('counts a bucket that is made in the same program with the longest name', () => {
    const stack = new Stack(appWithoutBundles(), 'Theirs');
    const buckets = Array.from({ length: 20 }, (_, at) => new Bucket(stack, `B${at}`) as IBucket);
    const rest = { prefix: 'p'.repeat(567) };
    expect(rules({ source: { buckets }, ...rest }).join()).toContain('but are 1 characters too long');
  });

  it('may be known at deployment only', () => {
    const stack = new Stack(appWithoutBundles(), 'Theirs');
    const { valueAsString } = new CfnParameter(stack, 'Given');
    expect(rules({ source: { bucketName: valueAsString } })).toEqual([]);
    expect(rules({ source: { buckets: [valueAsString] } })).toEqual([]);
    expect(rules({ source: { topic: valueAsString }, alarmTopic: valueAsString })).toEqual([]);
    expect(rules({ recordedEventsBus: valueAsString })).toEqual([]);
  });

  it('allows a topic or addresses for alarms, not both', () => {
    expect(rules({ alarmTopic: TOPIC, alarmEmails: 'a@example.com' })).toEqual([
      'alarmTopic cannot be used with alarmEmails: subscribe the addresses to that topic',
    ]);
  });

  it('allows uploaderMetadata, except behind a topic', () => {
    expect(rules({ uploaderMetadata: 'true', source: { buckets: 'invoices' } })).toEqual([]);
    expect(rules({ uploaderMetadata: 'true', source: { topic: TOPIC } })).toEqual([
      'uploaderMetadata must not be true when source is a topic: the ledger does not know the buckets, so it cannot be allowed to read them',
    ]);
  });
});

import { NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import type { UploadSource } from '../../../infra/source-props.ts';
import { UploadLedger } from '../../../infra/upload-ledger.ts';
import type { UploadLedgerProps } from '../../../infra/upload-ledger-props.ts';
import { appWithoutBundles } from '../synthesized.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:uploads';
const EMAIL = { emailSender: 'ledger@example.com' };
const DIGESTS = [{ name: 'daily', schedule: 'rate(1 day)', recipients: ['team@example.com'] }];
const ALERTS = [{ name: 'big', minimumBytes: 1, recipients: ['team@example.com'] }];

const HERE = { account: '111122223333', region: 'eu-west-1' };

/** Props of any kind, as a program without types may give them. */
type Given = Readonly<Record<string, unknown>>;

function ledgerWith(props: Given | ((stack: Stack) => Given)): Stack {
  const stack = new Stack(appWithoutBundles(), 'Theirs', { env: HERE });
  new UploadLedger(stack, 'Uploads', (typeof props === 'function' ? props(stack) : props) as UploadLedgerProps);
  return stack;
}

/** Pairs that cannot both count, each with the beginning of what is said about it. */
const REFUSED: readonly (readonly [string, Given | ((stack: Stack) => Given), RegExp])[] = [
  [
    'buckets and a bucket of its own',
    { source: { buckets: ['a-bucket'], bucketName: 'mine' } },
    /source\.bucketName = "mine": cannot be used/,
  ],
  [
    'buckets and corsOrigins',
    { source: { buckets: ['a-bucket'], corsOrigins: ['*'] } },
    /source\.corsOrigins .* cannot be used/,
  ],
  ['topic and buckets', { source: { topic: TOPIC, buckets: ['a-bucket'] } }, /source\.buckets = .*: cannot be used/],
  [
    'topic and bucketName',
    { source: { topic: TOPIC, bucketName: 'mine' } },
    /source\.bucketName = "mine": cannot be used/,
  ],
  [
    'topic and delivery',
    { source: { topic: TOPIC, delivery: 'notification' } },
    /source\.delivery = .*: cannot be used/,
  ],
  [
    'topic and corsOrigins',
    { source: { topic: TOPIC, corsOrigins: ['*'] } },
    /source\.corsOrigins = .*: cannot be used/,
  ],
  ['topic, prefix and suffix', { source: { topic: TOPIC }, prefix: 'a', suffix: 'b' }, /suffix = "b": cannot be used/],
  [
    'topic and uploaderMetadata',
    { source: { topic: TOPIC }, uploaderMetadata: true },
    /uploaderMetadata = true: must not/,
  ],
  ['the same bucket twice', { source: { buckets: ['a-bucket', 'a-bucket'] } }, /source\.buckets = .*each once/],
  [
    'the same bucket object twice',
    (stack) => ({ source: { buckets: Array(2).fill(Bucket.fromBucketName(stack, 'B', 'a-bucket')) } }),
    /source\.buckets = \["<Theirs\/B>","<Theirs\/B>"\]: .*each once/,
  ],
  [
    'a bucket as object and by name',
    (stack) => ({ source: { buckets: [Bucket.fromBucketName(stack, 'B', 'a-bucket'), 'a-bucket'] } }),
    /source\.buckets = .*each once/,
  ],
  ['no bucket', { source: { buckets: [] } }, /source\.buckets = \[\]: must be a list of 1 to 20/],
  [
    'alarmTopic and alarmEmails',
    { alarmTopic: TOPIC, alarmEmails: ['a@example.com'] },
    /alarmTopic = .*: cannot be used/,
  ],
  [
    'an alarm topic object and alarmEmails',
    (stack) => ({ alarmTopic: new Topic(stack, 'T') as ITopic, alarmEmails: ['a@example.com'] }),
    /alarmTopic = "<Theirs\/T>": cannot be used with alarmEmails/,
  ],
  ['no alarmEmails', { alarmEmails: [] }, /alarmEmails = \[\]: must be a list of 1 to/],
  ['digests and no sender', { digests: DIGESTS }, /digests = .*: needs emailSender/],
  ['alerts and no sender', { alerts: ALERTS }, /alerts = .*: needs emailSender/],
  ['a link and nothing to send', { consoleUrl: 'https://a.example/' }, /consoleUrl = .*: needs digests or alerts/],
  ['a sender and nothing to send', EMAIL, /emailSender = .*: needs digests or alerts/],
  ['alertsPerMinute and no alerts', { alertsPerMinute: 20 }, /alertsPerMinute = 20: needs alerts/],
  [
    'announceBackfill and nothing that is announced',
    { announceBackfill: false },
    /announceBackfill = false: needs recordedEventsBus/,
  ],
  ['sesSandbox and no email', { sesSandbox: true }, /sesSandbox = true: needs digests or alerts/],
  [
    'more alerts than alertsPerMinute',
    { ...EMAIL, alerts: [...ALERTS, { ...ALERTS[0], name: 'b' }], alertsPerMinute: 1 },
    /alertsPerMinute = 1: must be at least/,
  ],
  [
    'alerts of deletes and events without',
    {
      ...EMAIL,
      alerts: [{ name: 'gone', status: 'deleted', recipients: ['a@example.com'] }],
      events: ['ObjectCreated:*'],
    },
    /alerts = .*: must not ask for deletes/,
  ],
  [
    'deletesPerFiveMinutes and events without deletes',
    { deletesPerFiveMinutes: 5, events: ['ObjectCreated:*'] },
    /deletesPerFiveMinutes = 5: needs/,
  ],
  [
    'silenceHours and events without uploads',
    { silenceHours: 5, events: ['ObjectRemoved:*'] },
    /silenceHours = 5: needs/,
  ],
  [
    'events that cover each other',
    { events: ['ObjectCreated:*', 'ObjectCreated:Put'] },
    /events = .*: must name each event type once/,
  ],
  [
    'a template and a prefix that exclude each other',
    { uploaderKeyTemplate: 'a/{uploader}/{*}', prefix: 'b/' },
    /uploaderKeyTemplate = .*: must be able to match/,
  ],
  [
    'large batches and no window',
    { batchSize: 11, batchWindowSeconds: 0 },
    /batchWindowSeconds = 0: must be at least 1/,
  ],
  ['retryHours and a short timeout', { retryHours: 24, timeoutSeconds: 5 }, /retryHours = 24: takes/],
  ['the name of the stack', { stackName: 'Mine' }, /stackName = "Mine": is not a prop of a ledger: it names the stack/],
  [
    'customerKey and what was encryptionKey',
    (stack) => ({ customerKey: true, encryptionKey: new Key(stack, 'K') }),
    /encryptionKey = "<Theirs\/K>": is not a setting: use customerKey/,
  ],
  [
    'recordedEventsBus and what was recordedEvents',
    { recordedEventsBus: 'default', recordedEvents: 'b' },
    /recordedEvents = "b": is not a setting: use recordedEventsBus/,
  ],
  [
    'alarmTopic and what was alarmTopicArn',
    { alarmTopic: TOPIC, alarmTopicArn: TOPIC },
    /alarmTopicArn = .*: is not a setting: use alarmTopic/,
  ],
  [
    'source and what was beside it',
    { source: {}, existingBuckets: ['b'] },
    /existingBuckets = .*: is not a setting: it is part of source/,
  ],
];

/** Of another account or Region, where both are known. */
const ELSEWHERE: readonly (readonly [string, Given | ((stack: Stack) => Given), RegExp])[] = [
  [
    'a bucket of another account and Region',
    (stack) => {
      const attributes = { bucketName: 'theirs', account: '999999999999', region: 'us-east-1' };
      return { source: { buckets: [Bucket.fromBucketAttributes(stack, 'B', attributes)] } };
    },
    /source\.buckets = "<Theirs\/B>": must be in account 111122223333 and region eu-west-1, where the ledger is, but is in account 999999999999 and region us-east-1/,
  ],
  [
    'a bucket of a stack in another Region',
    (stack) => {
      const other = new Stack(stack.node.scope as Stack, 'Other', { env: { ...HERE, region: 'us-east-1' } });
      return { source: { buckets: [new Bucket(other, 'B', { bucketName: 'theirs' }) as IBucket] } };
    },
    /source\.buckets = "<Other\/B>": must be in region eu-west-1, .* but is in region us-east-1/,
  ],
  [
    'a topic of another Region',
    { source: { topic: TOPIC.replace('eu-west-1', 'us-east-1') } },
    /source\.topic = .*: must be in region eu-west-1/,
  ],
  [
    'a topic of another account',
    { source: { topic: TOPIC.replace('111122223333', '999999999999') } },
    /source\.topic = .*: must be in account 111122223333/,
  ],
  [
    'a topic object of another Region',
    (stack) => ({ source: { topic: Topic.fromTopicArn(stack, 'T', TOPIC.replace('eu-west-1', 'us-east-1')) } }),
    /source\.topic = "<Theirs\/T>": must be in region eu-west-1/,
  ],
  [
    'an alarm topic of another Region',
    { alarmTopic: TOPIC.replace('eu-west-1', 'us-east-1') },
    /alarmTopic = .*: must be in region eu-west-1/,
  ],
  [
    'a key of another Region',
    (stack) => ({ customerKey: Key.fromKeyArn(stack, 'K', 'arn:aws:kms:us-east-1:111122223333:key/1') }),
    /customerKey = "<Theirs\/K>": must be in region eu-west-1/,
  ],
  [
    'a bus of another Region',
    (stack) => ({
      recordedEventsBus: EventBus.fromEventBusArn(stack, 'E', 'arn:aws:events:us-east-1:111122223333:event-bus/b'),
    }),
    /recordedEventsBus = "<Theirs\/E>": must be in region eu-west-1/,
  ],
];

describe('what is given and cannot count', () => {
  it.each([...REFUSED, ...ELSEWHERE])('is refused, in the words of props: %s', (_, props, message) => {
    const attempt = () => ledgerWith(props);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(/^UploadLedger "Theirs\/Uploads" has props with an error:\n/);
    expect(attempt).not.toThrow(/cdk\.json|command line|separated by commas/);
  });
});

/** Pairs of which both count, and where that is seen. */
const BOTH: readonly (readonly [string, Given | ((stack: Stack) => Given), readonly RegExp[]])[] = [
  [
    'buckets, prefix and suffix',
    { source: { buckets: ['a-bucket'] }, prefix: 'in/', suffix: '.pdf' },
    [/"name":\["a-bucket"\]/, /in\/\*\.pdf/],
  ],
  [
    'notifications of buckets, prefix and suffix',
    (stack) => ({
      source: { buckets: [new Bucket(stack, 'B')], delivery: 'notification' },
      prefix: 'in/',
      suffix: '.pdf',
    }),
    [/"Name":"prefix","Value":"in\/"/, /"Name":"suffix","Value":"\.pdf"/],
  ],
  [
    'topic, prefix and events',
    { source: { topic: TOPIC }, prefix: 'in/', events: ['ObjectCreated:*'] },
    [/"key":\[\{"prefix":"in\/"\}\]/, /"eventName":\[\{"prefix":"ObjectCreated:"\}\]/],
  ],
  [
    'delivery eventbridge and corsOrigins',
    { source: { delivery: 'eventbridge', corsOrigins: ['https://a.example.com'] } },
    [/EventBridgeEnabled/, /https:\/\/a\.example\.com/],
  ],
  [
    'uploaderKeyTemplate and uploaderMetadata',
    { uploaderKeyTemplate: '{uploader}/{*}', uploaderMetadata: true },
    [/\{uploader\}/, /"UPLOADER_METADATA":"true"/],
  ],
  [
    'a key and a bus',
    (stack) => ({ customerKey: new Key(stack, 'K'), recordedEventsBus: new EventBus(stack, 'E') as IEventBus }),
    [/"KmsMasterKeyId":\{"Fn::GetAtt":\["K/, /"EVENT_BUS":\{"Ref":"E/],
  ],
  [
    'a topic object and a bus by name',
    (stack) => ({ alarmTopic: new Topic(stack, 'T'), recordedEventsBus: 'mine' }),
    [/"AlarmActions":\[\{"Ref":"T/, /event-bus\/mine/],
  ],
];

describe('a source in a program with types', () => {
  it('cannot be written with parts of two kinds', () => {
    const written: readonly UploadSource[] = [
      // @ts-expect-error one kind of source
      { buckets: ['a-bucket'], topic: TOPIC },
      // @ts-expect-error a name is of a new bucket
      { buckets: ['a-bucket'], bucketName: 'mine' },
      // @ts-expect-error cross-origin rules are of a new bucket
      { buckets: ['a-bucket'], corsOrigins: ['*'] },
      // @ts-expect-error a topic delivers in its own way
      { topic: TOPIC, delivery: 'notification' },
    ];
    for (const source of written) expect(() => ledgerWith({ source })).toThrow(/cannot be used with/);
  });
});

describe('what is given together and can count', () => {
  it.each(BOTH)('is in the template: %s', (_, props, traces) => {
    const template = JSON.stringify(Template.fromStack(ledgerWith(props)).toJSON());
    for (const trace of traces) expect(template).toMatch(trace);
  });
});

describe('addOutputs', () => {
  it('refuses the outputs of a second ledger in one stack, with the way out', () => {
    const stack = new Stack(appWithoutBundles(), 'Theirs');
    new UploadLedger(stack, 'First').addOutputs();
    expect(() => new UploadLedger(stack, 'Second').addOutputs()).toThrow(
      'Expected no outputs of another ledger beside those of "Theirs/Second": stack "Theirs" has an output or construct BucketName already, and the command line finds one ledger in a stack. Give the ledger a stack of its own.',
    );
  });

  it('of a ledger in a nested stack are in that stack, and the outermost one names it', () => {
    const stack = new Stack(appWithoutBundles(), 'Theirs');
    const nested = new NestedStack(stack, 'Nested');
    new UploadLedger(nested, 'Uploads').addOutputs();
    expect(Object.keys(Template.fromStack(nested).findOutputs('*'))).toEqual(
      expect.arrayContaining(['BucketName', 'TableName', 'QueueUrl']),
    );
    const outputs = Object.entries(Template.fromStack(stack).findOutputs('*'));
    expect(outputs).toMatchObject([
      [
        expect.stringMatching(/^LedgerStackTheirsNestedUploads/),
        { Value: { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: expect.stringMatching(/^Nested/) }] }] } },
      ],
    ]);
  });
});

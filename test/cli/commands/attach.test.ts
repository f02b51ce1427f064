import {
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  type QueueConfiguration,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../../src/cli/connection.ts';
import { StopReason } from '../../../src/cli/errors.ts';
import { BUCKET, type Services, startServices } from '../../local/servers/service-server-fixture.ts';
import { type AwsStub, startAwsStub } from '../aws-stub.ts';
import { type CliWorld, linesOf, runCli } from '../cli.ts';
import { ledgerAt, policyFor, QUEUE_ARN, queuesAre } from '../doctor/deployed-world.ts';

const BUCKET_URI = `s3://${BUCKET}`;
const ID = 'upload-ledger-local';
const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

let services: Services;
let aws: AwsStub;
let ledger: OpenLedger;

beforeAll(async () => {
  [services, aws] = await Promise.all([startServices(), startAwsStub()]);
  for (const QueueName of ['ledger', 'theirs']) await services.sqs.send(new CreateQueueCommand({ QueueName }));
  ledger = localLedger();
});
beforeEach(() => others({}));
afterAll(() => Promise.all([services.stop(), aws.close()]));

/** The local stack's ledger, whose S3 is `client`. */
function localLedger(client: S3Client = services.s3, some: Partial<OpenLedger> = {}): OpenLedger {
  const { stackName: _, ...opened } = ledgerAt(aws, { queueUrl: `${services.server.endpoint}/000000000000/ledger` });
  const clients = { ...opened.clients, s3: async () => client, sqs: async () => services.sqs };
  return { ...opened, name: 'the local stack', isLocal: true, clients, ...some };
}

const cli = (args: readonly string[], world: CliWorld = {}) => runCli(args, { ledger, ...world });

async function others(NotificationConfiguration: NotificationConfiguration, SkipDestinationValidation = false) {
  await services.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: BUCKET,
      NotificationConfiguration,
      SkipDestinationValidation,
    }),
  );
}

/** The bucket's configuration, as S3 sends it. */
async function xml(): Promise<string> {
  return (await fetch(`${services.server.endpoint}/${BUCKET}?notification`)).text();
}

/** The lines of others, one an entry. */
async function linesOfOthers(): Promise<string[]> {
  return (await xml()).split('\n').filter((line) => !line.includes(`<Id>${ID}</Id>`));
}

function entry(Id: string, prefix: string, change: Partial<QueueConfiguration> = {}): QueueConfiguration {
  const FilterRules = [{ Name: 'prefix' as const, Value: prefix }];
  return { Id, QueueArn: arnOf('theirs'), Events: ['s3:ObjectTagging:*'], Filter: { Key: { FilterRules } }, ...change };
}

const THEIRS: NotificationConfiguration = {
  QueueConfigurations: [entry('thumbnails', 'images/'), entry('audit', 'a&b/')],
  LambdaFunctionConfigurations: [
    { Id: 'scan', LambdaFunctionArn: 'arn:aws:lambda:us-east-1:1:function:scan', Events: ['s3:ObjectAcl:Put'] },
  ],
  EventBridgeConfiguration: {},
};

/** S3 at which somebody else does something before or after the n-th call of a kind. */
function interfering(when: 'before' | 'after', kind: 'Get' | 'Put', nth: number, act: () => Promise<void>): S3Client {
  let calls = 0;
  const send = async (command: object, options: object) => {
    const isIt = command.constructor.name.startsWith(kind) && ++calls === nth;
    if (isIt && when === 'before') await act();
    const answer = await services.s3.send(command as never, options);
    if (isIt && when === 'after') await act();
    return answer;
  };
  return { send } as unknown as S3Client;
}

describe('attach', () => {
  it('adds its entry and leaves all others byte for byte as they are', async () => {
    await others(THEIRS);
    const before = await xml();
    const { stdout, stderr, exitCode } = await cli(['attach', BUCKET_URI]);
    expect(linesOf(stdout)).toEqual([
      '  thumbnails  ObjectTagging:*  prefix "images/" -> arn:aws:sqs:us-east-1:000000000000:theirs',
      '  audit  ObjectTagging:*  prefix "a&b/" -> arn:aws:sqs:us-east-1:000000000000:theirs',
      '  scan  ObjectAcl:Put -> arn:aws:lambda:us-east-1:1:function:scan',
      '  EventBridge is on',
      `+ ${ID}  ObjectCreated:*, ObjectRemoved:*, LifecycleExpiration:*, ObjectRestore:Completed -> ${arnOf('ledger')}`,
    ]);
    expect(linesOf(stderr)).toEqual([
      'S3 checks that each destination exists, and sends a test message to 2 queues and topics.',
      `Attached; everything else is unchanged. For objects already in the bucket: "upload-ledger backfill ${BUCKET_URI}".`,
    ]);
    expect(exitCode).toBe(0);
    expect(await linesOfOthers()).toEqual(before.split('\n'));
    expect(await xml()).toContain(`<Id>${ID}</Id><Queue>${arnOf('ledger')}</Queue>`);
  });

  it('folds entries on a terminal', async () => {
    await others(THEIRS);
    const { stdout } = await cli(['attach', BUCKET_URI, '--dry-run'], { columns: 80 });
    expect(linesOf(stdout).slice(-3)).toEqual([
      '+ upload-ledger-local  ObjectCreated:*, ObjectRemoved:*,',
      '    LifecycleExpiration:*, ObjectRestore:Completed ->',
      `    ${arnOf('ledger')}`,
    ]);
    expect(linesOf(stdout).filter((line) => line.length > 80)).toEqual([]);
  });

  it('only shows the difference with --dry-run', async () => {
    await others(THEIRS);
    const before = await xml();
    const { stdout, stderr, exitCode } = await cli(['attach', BUCKET_URI, '--dry-run']);
    expect(stdout).toContain(`\n+ ${ID}  `);
    expect(stderr).toMatch(/Nothing was written \(--dry-run\)\.\n$/);
    expect({ after: await xml(), exitCode }).toEqual({ after: before, exitCode: 0 });
  });

  it('does nothing when its entry is there', async () => {
    await cli(['attach', BUCKET_URI]);
    const before = await xml();
    const { stdout, stderr, exitCode } = await cli(['attach', BUCKET_URI]);
    expect({ stdout, exitCode, after: await xml() }).toEqual({ stdout: '', exitCode: 0, after: before });
    expect(stderr).toMatch(/already notifies the queue by its entry upload-ledger-local/);
  });

  it('brings its entry up to date with the settings', async () => {
    await others(THEIRS);
    const before = await linesOfOthers();
    await cli(['attach', BUCKET_URI]);
    const recorded = { prefix: 'in x/', suffix: '.pdf', events: ['ObjectCreated:*'] };
    const { stdout } = await cli(['attach', BUCKET_URI], {
      ledger: { ...ledger, resources: { ...ledger.resources, recorded } },
    });
    expect(linesOf(stdout).slice(-2)).toEqual([
      expect.stringMatching(/^- upload-ledger-local {2}ObjectCreated:\*, ObjectRemoved/),
      expect.stringMatching(/^\+ upload-ledger-local {2}ObjectCreated:\* {2}prefix "in\+x\/" {2}suffix ".pdf" ->/),
    ]);
    expect(await linesOfOthers()).toEqual(before);
  });

  it.each([
    ['of the same events', ['s3:ObjectCreated:*'], ''],
    ['of some of the events', ['s3:ObjectCreated:Put'], ''],
    ['of some of the keys', ['s3:ObjectRemoved:*'], 'in/'],
  ] as const)('names an entry %s, and writes nothing', async (_, Events, prefix) => {
    await others({ QueueConfigurations: [entry('clash', prefix, { Events: [...Events] }), entry('other', 'x/')] });
    const before = await xml();
    const { stdout, stderr, exitCode } = await cli(['attach', BUCKET_URI]);
    expect(linesOf(stdout).filter((line) => line.startsWith('!'))).toEqual([expect.stringMatching(/^! clash {2}/)]);
    expect(stderr).toMatch(/Nothing was written.*"delivery": "eventbridge"/);
    expect({ after: await xml(), exitCode }).toEqual({ after: before, exitCode: 1 });
  });

  it('says which destination S3 refuses, and writes with --skip-validation', async () => {
    await services.sqs.send(new CreateQueueCommand({ QueueName: 'gone' }));
    await others({ QueueConfigurations: [entry('dead', 'x/', { QueueArn: arnOf('gone') })] });
    await services.sqs.send(new DeleteQueueCommand({ QueueUrl: `${services.server.endpoint}/000000000000/gone` }));
    const before = await xml();
    const refused = await cli(['attach', BUCKET_URI]);
    expect(refused.stderr).toMatch(/nothing was changed: Unable to validate.*queue:gone|:gone \(.*--skip-validation/);
    expect({ after: await xml(), exitCode: refused.exitCode }).toEqual({ after: before, exitCode: 2 });
    expect((await cli(['attach', BUCKET_URI, '--skip-validation'])).exitCode).toBe(0);
    expect(await linesOfOthers()).toEqual(before.split('\n'));
  });

  it('takes a whole bucket only', async () => {
    const { stderr, exitCode } = await cli(['attach', `${BUCKET_URI}/folder/`]);
    expect({ stderr, exitCode }).toMatchObject({ stderr: expect.stringMatching(/whole bucket/), exitCode: 2 });
  });
});

describe('attach beside somebody else', () => {
  const theirs = () => others({ ...THEIRS, TopicConfigurations: [] });
  const changed = () => others({ QueueConfigurations: [entry('thumbnails', 'images/'), entry('brand-new', 'new/')] });

  it('writes nothing when the configuration changed since it was read', async () => {
    await theirs();
    const client = interfering('before', 'Get', 2, changed);
    const { stderr, exitCode } = await cli(['attach', BUCKET_URI], { ledger: localLedger(client) });
    expect(stderr).toMatch(/somebody else has just changed.*nothing was written/);
    expect(exitCode).toBe(2);
    const after = await xml();
    await changed();
    expect(after).toBe(await xml());
  });

  it('says what came and went when it changes right after the write', async () => {
    await theirs();
    const client = interfering('after', 'Put', 1, changed);
    const { stderr, exitCode } = await cli(['attach', BUCKET_URI], { ledger: localLedger(client) });
    expect(stderr).toMatch(/changed.*at the same time \(gone: audit, scan; new: brand-new\)/);
    expect(exitCode).toBe(2);
  });

  it('notices that somebody wrote back what was there before', async () => {
    await theirs();
    const sleeps: number[] = [];
    const { stderr, exitCode } = await cli(['attach', BUCKET_URI], {
      ledger: localLedger(interfering('after', 'Put', 1, theirs)),
      sleep: async (milliseconds) => void sleeps.push(milliseconds),
    });
    expect(stderr).toMatch(/S3 does not show what was written/);
    expect({ exitCode, sleeps: sleeps.length }).toEqual({ exitCode: 2, sleeps: 14 });
  });

  it('waits while S3 still shows the configuration before', async () => {
    await theirs();
    const before = await xml();
    // The write arrives when it has been read twice.
    let isHeld = true;
    const held: (() => Promise<unknown>)[] = [];
    const client = interfering('before', 'Get', 5, async () => {
      isHeld = false;
      for (const write of held) await write();
    });
    const send = (command: object, options: object) => {
      const write = () => client.send(command as never, options);
      if (!isHeld || !command.constructor.name.startsWith('Put')) return write();
      held.push(write);
      return Promise.resolve({});
    };
    const { exitCode } = await cli(['attach', BUCKET_URI], {
      ledger: localLedger({ send } as unknown as S3Client),
      sleep: async () => undefined,
    });
    expect({ exitCode, others: await linesOfOthers() }).toEqual({ exitCode: 0, others: before.split('\n') });
  });

  it.each([
    ['before the write', 'Get', 1],
    ['after the write', 'Put', 0],
  ] as const)('can be run again when it was stopped %s', async (_, call, added) => {
    await theirs();
    const before = await linesOfOthers();
    let stop: AbortController | undefined;
    const client = interfering('after', call, 1, async () => stop?.abort(new StopReason('interrupted', 130)));
    const { exitCode } = await cli(['attach', BUCKET_URI], {
      ledger: localLedger(client),
      prepare: (_, controller) => {
        stop = controller;
      },
    });
    expect(exitCode).toBe(130);
    const again = await cli(['attach', BUCKET_URI]);
    expect(again.exitCode).toBe(0);
    expect(linesOf(again.stdout).filter((line) => line.startsWith('+'))).toHaveLength(added);
    expect(await linesOfOthers()).toEqual(before);
    expect(await xml()).toContain(`<Id>${ID}</Id>`);
  });
});

describe('detach', () => {
  it('takes out its own entry and leaves all others byte for byte as they are', async () => {
    await others(THEIRS);
    const before = await xml();
    await cli(['attach', BUCKET_URI]);
    const { stdout, stderr, exitCode } = await cli(['detach', BUCKET_URI]);
    expect(linesOf(stdout).at(-1)).toMatch(/^- upload-ledger-local {2}/);
    expect(stderr).toMatch(/Detached/);
    expect({ after: await xml(), exitCode }).toEqual({ after: before, exitCode: 0 });
  });

  it('has nothing to do where nothing of it is there', async () => {
    await others(THEIRS);
    const before = await xml();
    const { stdout, stderr, exitCode } = await cli(['detach', BUCKET_URI]);
    expect({ stdout, exitCode, after: await xml() }).toEqual({ stdout: '', exitCode: 0, after: before });
    expect(stderr).toMatch(/no entry upload-ledger-local: nothing to remove/);
  });

  it('undoes attach, whatever others have there, or both change nothing', async () => {
    const types = ['s3:ObjectCreated:Put', 's3:ObjectRemoved:*', 's3:ObjectTagging:*', 's3:ObjectAcl:Put'] as const;
    const one = fc.record({
      Id: fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', '-', '&', '<', '"', 'é', ' x') }),
      QueueArn: fc.constant(arnOf('theirs')),
      Events: fc.uniqueArray(fc.constantFrom(...types), { minLength: 1 }),
      prefix: fc.constantFrom('a/', 'b/', 'a/c/', 'in+x/', '%C3%A9'),
    });
    const configurations = fc.uniqueArray(one, { maxLength: 5, selector: ({ Id }) => Id });
    await fc.assert(
      fc.asyncProperty(configurations, fc.boolean(), async (entries, eventBridge) => {
        const QueueConfigurations = entries.map(({ prefix, ...rest }) => entry(rest.Id, prefix, rest));
        const isTaken = await others({
          QueueConfigurations,
          ...(eventBridge && { EventBridgeConfiguration: {} }),
        }).then(
          () => true,
          () => false,
        );
        fc.pre(isTaken);
        const before = await xml();
        const { exitCode } = await cli(['attach', BUCKET_URI]);
        if (exitCode === 1) expect(await xml()).toBe(before);
        else expect({ exitCode, others: await linesOfOthers() }).toEqual({ exitCode: 0, others: before.split('\n') });
        await cli(['detach', BUCKET_URI]);
        expect(await xml()).toBe(before);
      }),
      { seed: 15, numRuns: 60 },
    );
  });
});

describe('attach on AWS', () => {
  beforeEach(() => {
    aws.refuse('DescribeStackResources', 'ValidationError', `Stack for ${BUCKET} does not exist`, 400);
    queuesAre(aws, { uploads: { Policy: policyFor('s3.amazonaws.com', `arn:aws:s3:::${BUCKET}`) } });
  });
  const onAws = () => ({ ...ledgerAt(aws), clients: { ...ledgerAt(aws).clients, s3: async () => services.s3 } });
  const dryRun = (world: OpenLedger = onAws()) => cli(['attach', BUCKET_URI, '--dry-run'], { ledger: world });

  it('names its entry by the stack', async () => {
    expect((await dryRun()).stdout).toMatch(new RegExp(`^\\+ upload-ledger-Prod .* -> ${QUEUE_ARN}$`, 'm'));
  });

  it('says what to do when the queue does not let S3 send for the bucket', async () => {
    queuesAre(aws);
    const { stderr, exitCode } = await dryRun();
    expect(stderr).toMatch(/does not allow S3 to send for bucket uploads: write "source": \{"buckets": \["uploads"\]/);
    expect(exitCode).toBe(2);
  });

  it.each([
    ['in its property', { Type: 'AWS::S3::Bucket', Properties: { NotificationConfiguration: {} } }, undefined, true],
    ['by the CDK', {}, { Type: 'Custom::S3BucketNotifications', Properties: { BucketName: { Ref: 'B' } } }, true],
    ['not at all', {}, { Type: 'Custom::S3BucketNotifications', Properties: { BucketName: { Ref: 'C' } } }, false],
  ])('warns when another template writes the notifications: %s', async (_, B, N, warns) => {
    theirStack('Website', { Resources: { B, N } });
    const { stderr, exitCode } = await dryRun();
    expect(/Stack Website has made the bucket, with notifications/.test(stderr)).toBe(warns);
    expect(exitCode).toBe(0);
  });

  it('warns when Terraform writes them', async () => {
    await others({ QueueConfigurations: [entry('tf-s3-queue-2026', 'x/')] });
    expect((await dryRun()).stderr).toMatch(/Terraform has made entry tf-s3-queue-2026/);
  });

  it('says that it could not ask who else writes them', async () => {
    aws.refuse('DescribeStackResources', 'AccessDenied', 'User: me is not authorized');
    const { stderr, exitCode } = await dryRun();
    expect(stderr).toMatch(/Could not check whether a template writes .*: User: me is not authorized/);
    expect(exitCode).toBe(0);
  });

  it('leaves the bucket of its own stack to the template', async () => {
    theirStack('Prod', {});
    expect(await dryRun()).toMatchObject({
      stderr: expect.stringMatching(/belongs to the ledger's own stack/),
      exitCode: 2,
    });
  });

  it('does not write what it would lose', async () => {
    const strange = '<NotificationConfiguration><MirrorConfiguration/></NotificationConfiguration>';
    aws.answer('GET /uploads/?notification', strange);
    const { stderr, exitCode } = await cli(['attach', BUCKET_URI], {
      ledger: { ...ledgerAt(aws), clients: { ...ledgerAt(aws).clients, s3: strangeS3 } },
    });
    expect(stderr).toMatch(/has a "MirrorConfiguration", which this version does not know.*nothing was changed/);
    expect(exitCode).toBe(2);
  });

  function theirStack(name: string, template: object): void {
    aws.answer(
      'DescribeStackResources',
      `<StackResources><member><StackName>${name}</StackName><LogicalResourceId>B</LogicalResourceId><PhysicalResourceId>${BUCKET}</PhysicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType></member></StackResources>`,
    );
    aws.answer('GetTemplate', `<TemplateBody>${JSON.stringify(template)}</TemplateBody>`);
  }

  /** S3 of the stub. */
  const strangeS3 = () => ledgerAt(aws).clients.s3();
});

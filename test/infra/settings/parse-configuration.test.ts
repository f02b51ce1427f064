import { describe, expect, it } from 'vitest';
import { STACK_SETTINGS } from '../../../infra/settings/configuration.ts';
import { contextSettings, parseConfiguration, ruleOf } from '../../../infra/settings/parse-configuration.ts';
import { DEFAULTS } from '../../../src/contract/defaults.ts';
import { appWithoutBundles, temporaryApp } from '../synthesized.ts';
import { configurationErrorOf } from './configuration-error-of.ts';

/** The lines of the error, without its heading and its advice. */
function errors(settings: Readonly<Record<string, unknown>>): string[] {
  const lines = configurationErrorOf(settings)?.message.split('\n') ?? [];
  return lines.slice(1, -1).map((line) => line.trim());
}

describe('parseConfiguration', () => {
  it('fills in defaults, and needs no setting', () => {
    expect(parseConfiguration({})).toEqual({
      stackName: 'UploadLedger',
      source: { delivery: 'notification' },
      events: DEFAULTS.events,
      batchSize: 100,
      batchWindowSeconds: 5,
      maximumConcurrency: 10,
      memoryMb: 512,
      timeoutSeconds: 30,
      retryHours: 24,
      indexShards: 8,
      logLevel: 'INFO',
      logRetentionDays: 90,
      tracing: false,
      metricsByCategory: true,
      dashboard: true,
      uploaderMetadata: false,
      contributorInsights: false,
      customerKey: false,
      announceBackfill: true,
      alertsPerMinute: 10,
      sesSandbox: false,
      oldestMessageMinutes: 15,
      removalPolicy: 'retain',
    });
  });

  it('accepts text from the command line', () => {
    expect(
      parseConfiguration({
        batchSize: '200',
        logRetentionDays: '365',
        events: 'ObjectCreated:Put,ObjectRemoved:*',
        prefix: 'in/',
        suffix: '.jpg',
        uploaderKeyTemplate: 'in/{uploader}/{*}',
        retentionDays: '30',
        source: '{"bucketName":"my-uploads"}',
      }),
    ).toMatchObject({
      batchSize: 200,
      logRetentionDays: 365,
      events: ['ObjectCreated:Put', 'ObjectRemoved:*'],
      prefix: 'in/',
      suffix: '.jpg',
      uploaderKeyTemplate: 'in/{uploader}/{*}',
      retentionDays: 30,
      source: { bucketName: 'my-uploads', delivery: 'notification' },
    });
  });

  it('treats undefined as not given', () => {
    expect(parseConfiguration({ batchSize: undefined, prefix: undefined })).toEqual(parseConfiguration({}));
  });

  it('accepts its own result', () => {
    const once = parseConfiguration({ batchSize: '20', events: 'ObjectCreated:*', prefix: 'a b/' });
    expect(parseConfiguration(once)).toEqual(once);
  });

  it.each(Object.keys(STACK_SETTINGS.shape) as (keyof typeof STACK_SETTINGS.shape)[])(
    'has a rule in words for %s',
    (key) => {
      expect(ruleOf(key)).toMatch(/^must be (?!valid)/);
    },
  );
});

describe('a wrong setting', () => {
  it.each<[string, unknown, string]>([
    ['batchSize', '-1', 'batchSize = "-1": must be a whole number from 1 to 10,000'],
    ['batchSize', 'abc', 'batchSize = "abc": must be a whole number from 1 to 10,000'],
    ['batchSize', '1e2', 'batchSize = "1e2": must be a whole number from 1 to 10,000'],
    ['batchSize', ' 5', 'batchSize = " 5": must be a whole number from 1 to 10,000'],
    ['batchSize', '', 'batchSize = "": must be a whole number from 1 to 10,000'],
    ['batchSize', true, 'batchSize = true: must be a whole number from 1 to 10,000'],
    ['batchSize', null, 'batchSize = null: must be a whole number from 1 to 10,000'],
    ['batchSize', 1.5, 'batchSize = 1.5: must be a whole number from 1 to 10,000'],
    ['batchSize', 10_001, 'batchSize = 10001: must be a whole number from 1 to 10,000'],
    ['batchWindowSeconds', 301, 'batchWindowSeconds = 301: must be a whole number from 0 to 300'],
    ['maximumConcurrency', 1, 'maximumConcurrency = 1: must be a whole number from 2 to 1,000'],
    ['memoryMb', 64, 'memoryMb = 64: must be a whole number from 128 to 10,240'],
    ['timeoutSeconds', 901, 'timeoutSeconds = 901: must be a whole number from 1 to 900'],
    ['retryHours', 0, 'retryHours = 0: must be a whole number from 1 to 168'],
    ['indexShards', 0, 'indexShards = 0: must be a whole number from 1 to 100'],
    ['retentionDays', '0', 'retentionDays = "0": must be a whole number from 1 to 36,500'],
    ['logLevel', 'info', 'logLevel = "info": must be one of DEBUG, INFO, WARN, ERROR'],
    ['removalPolicy', 'keep', 'removalPolicy = "keep": must be one of retain, destroy'],
  ])('is reported with its value and its rule: %s = %j', (key, value, expected) => {
    expect(errors({ [key]: value })).toEqual([expected]);
  });

  it.each<[string, unknown, RegExp]>([
    ['logRetentionDays', 10, /^logRetentionDays = 10: must be one of 1, 3, 5, 7, 14, /],
    ['events', 'ObjectMade:*', /^events = "ObjectMade:\*": must be a list of ObjectCreated:\*, /],
    ['events', [], /^events = \[\]: must be a list/],
    ['stackName', '1st', /^stackName = "1st": must be 1 to 128 letters, digits and hyphens/],
    ['source', { bucketName: 'My_Bucket' }, /^source\.bucketName = "My_Bucket": must be 3 to 63 lower-case letters/],
    ['source', { bucketName: 'a.b.c' }, /^source\.bucketName = /],
    ['source', { bucketName: 'xn--uploads' }, /^source\.bucketName = /],
    ['source', { bucketName: 'uploads-s3alias' }, /^source\.bucketName = /],
    ['prefix', 'logs/*', /^prefix = "logs\/\*": must be 1 to 1024 characters .* without "\*"/],
    ['suffix', '', /^suffix = "": must be 1 to 1024 characters/],
    ['prefix', 'é'.repeat(200), /^prefix = "é+\.\.\.: must be 1 to 1024 characters/],
    ['prefix', '\ud800', /^prefix = /],
    [
      'uploaderKeyTemplate',
      'uploads/{who}',
      /^uploaderKeyTemplate = .*: must be a key template, but it holds \{uploader\} 0 times/,
    ],
    ['uploaderKeyTemplate', '{*}/x{uploader}', /: must be a key template, but .*mixes braces and text.*; and .*\{\*\}/],
    ['uploaderKeyTemplate', 7, /^uploaderKeyTemplate = 7: must be a key template such as/],
  ])('is reported with its value and its long rule: %s = %j', (key, value, expected) => {
    expect(errors({ [key]: value })).toEqual([expect.stringMatching(expected)]);
  });

  it('is reported once, however many of its elements are wrong', () => {
    expect(errors({ events: 'Made:*,Taken:*' })).toEqual([expect.stringMatching(/^events = "Made:\*,Taken:\*": /)]);
  });

  it('is shown only with the beginning of a long value', () => {
    expect(errors({ source: { bucketName: 'x'.repeat(5000) } })[0]?.length).toBeLessThan(250);
  });
});

describe('retryHours', () => {
  it('must be within reach of the receives that SQS allows, and says which hours are', () => {
    expect(errors({ retryHours: 52 })).toEqual([
      'retryHours = 52: takes 1,012 receives, one in each visibility timeout of 185 s, and must not take more than the 1,000 that SQS allows: set it to 51 or less, or raise timeoutSeconds',
    ]);
    expect(errors({ timeoutSeconds: '10' })).toEqual([
      expect.stringMatching(/^retryHours = 24: takes 1,330 receives, .* of 65 s, .*: set it to 18 or less, or raise/),
    ]);
    expect(parseConfiguration({ timeoutSeconds: 10, retryHours: 18 })).toMatchObject({ retryHours: 18 });
    expect(
      parseConfiguration({ timeoutSeconds: 1, batchSize: 10, batchWindowSeconds: 0, retryHours: 1 }),
    ).toBeDefined();
    expect(parseConfiguration({ timeoutSeconds: 120, retryHours: 168 })).toMatchObject({ retryHours: 168 });
  });
});

describe('an unknown setting', () => {
  it('is reported with what replaces it: maxReceiveCount', () => {
    expect(errors({ maxReceiveCount: 5 })).toEqual([
      'maxReceiveCount = 5: is not a setting: set retryHours instead, from which it is calculated (24 hours by default)',
    ]);
  });

  it.each([
    ['batchsize', 'batchSize'],
    ['bachSize', 'batchSize'],
    ['timeoutSecond', 'timeoutSeconds'],
    ['retentiondays', 'retentionDays'],
  ])('is reported with a suggestion: %s', (key, meant) => {
    expect(errors({ [key]: 5 })).toEqual([`${key} = 5: is not a setting; did you mean ${meant}?`]);
  });

  it('is reported with a list of all settings when none is similar', () => {
    expect(errors({ colour: 'red' })).toEqual([
      expect.stringMatching(
        /^colour = "red": is not a setting; the settings are stackName, source, .*, removalPolicy$/,
      ),
    ]);
  });
});

describe('parseConfiguration, for settings that exclude each other,', () => {
  it('refuses a batch of more than ten without a window', () => {
    expect(errors({ batchSize: 11, batchWindowSeconds: 0 })).toEqual([
      'batchWindowSeconds = 0: must be at least 1 when batchSize is over 10 (it is 11)',
    ]);
    expect(errors({ batchSize: 10, batchWindowSeconds: 0 })).toEqual([]);
    expect(errors({ batchSize: 11, batchWindowSeconds: 1 })).toEqual([]);
  });

  it('refuses the default batch size without a window', () => {
    expect(errors({ batchWindowSeconds: '0' })).toEqual([
      'batchWindowSeconds = 0: must be at least 1 when batchSize is over 10 (it is 100)',
    ]);
  });

  it('refuses event types that cover each other', () => {
    expect(errors({ events: ['ObjectCreated:*', 'ObjectCreated:Put', 'ObjectRemoved:*', 'ObjectRemoved:*'] })).toEqual([
      expect.stringMatching(
        /must name each event type once; also covered by another entry: ObjectCreated:Put, ObjectRemoved:\*$/,
      ),
    ]);
    expect(errors({ events: ['ObjectCreated:Put', 'ObjectCreated:Post'] })).toEqual([]);
  });

  it('refuses a key template and a prefix that no key can match both', () => {
    expect(errors({ uploaderKeyTemplate: 'uploads/{uploader}/{*}', prefix: 'incoming/' })).toEqual([
      'uploaderKeyTemplate = "uploads/{uploader}/{*}": must be able to match keys that begin with prefix (it is "incoming/")',
    ]);
    expect(errors({ uploaderKeyTemplate: 'uploads/{uploader}/{*}', prefix: 'uploads/' })).toEqual([]);
    expect(errors({ uploaderKeyTemplate: 'uploads/{uploader}/{*}', prefix: 'up' })).toEqual([]);
    expect(errors({ uploaderKeyTemplate: 'uploads/{uploader}/{*}', prefix: 'uploads/alice/' })).toEqual([]);
    expect(errors({ uploaderKeyTemplate: '{uploader}/{*}', prefix: 'alice/' })).toEqual([]);
  });
});

describe('several errors', () => {
  it('are reported at once, including those between settings', () => {
    expect(
      errors({
        bachSize: 5,
        batchWindowSeconds: 0,
        timeoutSeconds: 'long',
        uploaderKeyTemplate: '{nobody}',
        logLevel: 'LOUD',
      }),
    ).toEqual([
      expect.stringMatching(/^timeoutSeconds = "long": /),
      expect.stringMatching(/^uploaderKeyTemplate = "\{nobody\}": /),
      expect.stringMatching(/^logLevel = "LOUD": /),
      expect.stringMatching(/^bachSize = 5: /),
      expect.stringMatching(/^batchWindowSeconds = 0: /),
    ]);
  });

  it('are counted in the first line, and followed by where settings are', () => {
    const attempt = () => parseConfiguration({ batchSize: 0, memoryMb: 0 });
    expect(attempt).toThrow(/^The configuration has 2 errors:\n/);
    expect(attempt).toThrow(/cdk\.json under "context".*-c key=value/);
    expect(() => parseConfiguration({ batchSize: 0 })).toThrow(/^The configuration has an error:\n/);
  });
});

describe('contextSettings', () => {
  it('leaves out the keys of the CDK', () => {
    expect(
      contextSettings({
        batchSize: 5,
        colour: 'red',
        '@aws-cdk/core:checkSecretUsage': true,
        'aws:cdk:bundling-stacks': [],
        'availability-zones:account=1:region=eu-west-1': ['a'],
        'cli-telemetry': false,
        'acknowledged-issue-numbers': [1],
      }),
    ).toEqual({ batchSize: 5, colour: 'red' });
  });

  it('finds none in this project’s cdk.json, which keeps every default', () => {
    expect(contextSettings(appWithoutBundles().node.getAllContext())).toEqual({});
    expect(contextSettings(temporaryApp().node.getAllContext())).toEqual({});
  });
});

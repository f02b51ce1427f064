import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { only, synthesized } from '../synthesized.ts';

const BUCKET = 'AWS::S3::Bucket';
const stackGuid = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };

describe('the bucket', () => {
  it('is private, encrypted and kept when the stack is deleted', () => {
    synthesized().hasResource(BUCKET, {
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
      },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it('is deleted with the stack when removalPolicy is destroy', () => {
    synthesized({ removalPolicy: 'destroy' }).hasResource(BUCKET, { DeletionPolicy: 'Delete' });
  });

  it('keeps its policy for as long as it is kept', () => {
    synthesized().hasResource('AWS::S3::BucketPolicy', { DeletionPolicy: 'RetainExceptOnCreate' });
    synthesized({ removalPolicy: 'destroy' }).hasResource('AWS::S3::BucketPolicy', { DeletionPolicy: 'Delete' });
  });

  it('refuses requests without TLS', () => {
    synthesized().hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      },
    });
  });

  it('aborts incomplete multipart uploads, and deletes nothing else', () => {
    synthesized().hasResourceProperties(BUCKET, {
      LifecycleConfiguration: {
        Rules: [{ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' }],
      },
    });
  });

  it('has no versioning and no cross-origin rules', () => {
    synthesized().hasResourceProperties(BUCKET, {
      VersioningConfiguration: Match.absent(),
      CorsConfiguration: Match.absent(),
    });
  });

  it('has a name of its own for each deployment, or the given one', () => {
    synthesized().hasResourceProperties(BUCKET, {
      BucketName: { 'Fn::Join': ['', ['uploadledger-uploads-', stackGuid]] },
    });
    synthesized({ source: { bucketName: 'my-uploads' } }).hasResourceProperties(BUCKET, { BucketName: 'my-uploads' });
  });

  it('has a name of valid length, even in a stack with a long name', () => {
    const template = synthesized({ stackName: `A${'b'.repeat(100)}` });
    const { resource } = only(template, BUCKET);
    const [own] = (resource.Properties as { BucketName: { 'Fn::Join': [string, [string]] } }).BucketName['Fn::Join'][1];
    expect(own).toMatch(/^ab+-[0-9a-f]{8}-$/);
    expect(own.length + 36).toBeLessThanOrEqual(63);
  });
});

describe('the bucket’s cross-origin rules', () => {
  it('admit exactly the pages that are named, to what presigned URLs allow', () => {
    const corsOrigins = ['https://app.example.com', 'https://*.example.org'];
    synthesized({ source: { corsOrigins } }).hasResourceProperties(BUCKET, {
      CorsConfiguration: {
        CorsRules: [
          {
            AllowedOrigins: corsOrigins,
            AllowedMethods: ['PUT', 'POST', 'GET', 'HEAD'],
            AllowedHeaders: ['content-*', 'x-amz-*', 'cache-control', 'expires', 'if-match', 'if-none-match', 'range'],
            ExposedHeaders: ['ETag'],
            MaxAge: 3000,
          },
        ],
      },
    });
  });
});

describe('the bucket’s notifications', () => {
  it('go to the uploads queue, for every event type that the ledger records', () => {
    const template = synthesized();
    const queue = Object.keys(
      template.findResources('AWS::SQS::Queue', { Properties: { RedrivePolicy: Match.anyValue() } }),
    );
    template.hasResourceProperties(BUCKET, {
      NotificationConfiguration: {
        QueueConfigurations: [
          's3:ObjectCreated:*',
          's3:ObjectRemoved:*',
          's3:LifecycleExpiration:*',
          's3:ObjectRestore:Completed',
        ].map((Event) => ({ Event, Queue: { 'Fn::GetAtt': [queue[0], 'Arn'] } })),
      },
    });
  });

  it('are filtered by prefix and suffix as S3 writes keys into its events', () => {
    synthesized({ events: 'ObjectCreated:*', prefix: 'my files/é+/', suffix: ` it's (1)!~` }).hasResourceProperties(
      BUCKET,
      {
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Event: 's3:ObjectCreated:*',
              Filter: {
                S3Key: {
                  Rules: [
                    { Name: 'prefix', Value: 'my+files/%C3%A9%2B/' },
                    { Name: 'suffix', Value: '+it%27s+%281%29%21%7E' },
                  ],
                },
              },
            },
          ],
        },
      },
    );
  });

  it('need no custom resource', () => {
    const types = Object.values(synthesized().toJSON().Resources as Record<string, { Type: string }>);
    expect(
      types.filter(({ Type }) => Type.startsWith('Custom::') || Type === 'AWS::CloudFormation::CustomResource'),
    ).toEqual([]);
    expect(types.filter(({ Type }) => Type === 'AWS::Lambda::Function')).toHaveLength(1);
  });

  it('are configured after the queue’s policy admits the bucket', () => {
    const template = synthesized();
    const policies = template.findResources('AWS::SQS::QueuePolicy', {
      Properties: { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Effect: 'Allow' })]) } },
    });
    expect(Object.keys(policies)).toHaveLength(1);
    template.hasResource(BUCKET, { DependsOn: Object.keys(policies) });
  });
});

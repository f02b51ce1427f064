import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const CDK = path.dirname(createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'));
const HANDLER = path.join(CDK, 'custom-resource-handlers/dist/aws-s3/notifications-resource-handler/index.py');

/** Calls the handler with the event that comes on standard input. It reports to nobody. */
const CALL = `
import json, runpy, sys, types
handler = runpy.run_path(sys.argv[1])['handler']
handler(json.load(sys.stdin), types.SimpleNamespace(log_stream_name='none'))
`;

/** Whether this machine can run the handler: it needs Python with boto3. */
export const canRunHandler = spawnSync('python3', ['-c', 'import boto3']).status === 0;

/** What CloudFormation passes to the custom resource `Custom::S3BucketNotifications`. */
export interface NotificationsRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceProperties: unknown;
  readonly OldResourceProperties?: unknown;
}

/** Runs the code that the CDK deploys behind `addEventNotification`, against a local S3. */
export async function runNotificationHandler(request: NotificationsRequest, endpoint: string): Promise<void> {
  const child = spawn('python3', ['-c', CALL, HANDLER], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      AWS_ENDPOINT_URL: endpoint,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
  });
  child.stdin.end(
    JSON.stringify({
      ...request,
      StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/Theirs/guid',
      RequestId: 'request',
      LogicalResourceId: 'Notifications',
      ResponseURL: 'http://127.0.0.1:9/',
    }),
  );
  const failure = await text(child.stderr);
  if (failure.includes('Traceback')) throw new Error(failure);
}

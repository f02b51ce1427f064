import { DEFAULTS } from '../../../../src/contract/defaults.ts';
import { ENVIRONMENT } from '../../../../src/contract/environment.ts';
import { METRIC_NAMESPACE } from '../../../../src/contract/metrics.ts';

/** Name of the table that handlers write to. */
export const TABLE_NAME = 'UploadLedger-Ledger7D3F1A2B-1A2B3C4D5E6F';

/**
 * The environment of a function on Lambda: what AWS sets, and what the stack sets by its defaults.
 */
export function lambdaEnvironment(endpoint: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'ASIAEXAMPLEEXAMPLE12',
    AWS_SECRET_ACCESS_KEY: 'examplesecretexamplesecretexamplesecret12',
    AWS_SESSION_TOKEN: 'token'.repeat(160),
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: 'consumer',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(DEFAULTS.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'JSON',
    LAMBDA_TASK_ROOT: '/var/task',
    AWS_ENDPOINT_URL: endpoint,
    [ENVIRONMENT.tableName]: TABLE_NAME,
    [ENVIRONMENT.deadLetterQueueUrl]: 'https://sqs.eu-central-1.amazonaws.com/111122223333/UploadLedger-DeadLetters',
    [ENVIRONMENT.queueUrl]: 'https://sqs.eu-central-1.amazonaws.com/111122223333/UploadLedger-Uploads',
    [ENVIRONMENT.indexShards]: String(DEFAULTS.indexShards),
    [ENVIRONMENT.serviceName]: 'UploadLedger/Uploads',
    POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
    POWERTOOLS_LOG_LEVEL: DEFAULTS.logLevel,
  };
}

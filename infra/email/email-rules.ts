import { LIMITS } from '../../src/contract/limits.ts';
import { consumerEnvironment } from '../consumer-environment.ts';
import type { CrossRule } from '../cross-rules.ts';
import { LONGEST_SERVICE_NAME } from '../service-name.ts';

/** Longest values that are known only at deployment: DynamoDB's and SQS's limits of names, and the longest Region. */
const LONGEST_TABLE_NAME = 'x'.repeat(255);
const LONGEST_QUEUE_URL = `https://sqs.ap-northeast-1.amazonaws.com.cn/123456789012/${'x'.repeat(80)}`;
const LONGEST_NAMES = {
  tableName: LONGEST_TABLE_NAME,
  deadLetterQueueUrl: LONGEST_QUEUE_URL,
  serviceName: 'x'.repeat(LONGEST_SERVICE_NAME),
};

function needsSender(key: 'digests' | 'alerts'): CrossRule {
  return {
    keys: [key, 'emailSender'],
    broken: (configuration) =>
      (configuration[key]?.length ?? 0) > 0 && configuration.emailSender === undefined
        ? 'must come with emailSender, the address that they come from'
        : undefined,
  };
}

/** Rules between the settings of email. */
export const EMAIL_RULES: readonly CrossRule[] = [
  needsSender('digests'),
  needsSender('alerts'),
  {
    keys: ['emailSender', 'digests', 'alerts'],
    broken: ({ emailSender, digests = [], alerts = [] }) =>
      emailSender !== undefined && digests.length + alerts.length === 0
        ? 'must come with digests or alerts: without them no email is sent'
        : undefined,
  },
  {
    // Source: Lambda developer guide, "Quotas", environment variables.
    keys: [
      'alerts',
      'emailSender',
      'alertsPerMinute',
      'indexShards',
      'uploaderKeyTemplate',
      'uploaderMetadata',
      'retentionDays',
      'logLevel',
    ],
    broken: (configuration) => {
      if (configuration.alerts === undefined) return undefined;
      const variables = Object.entries(consumerEnvironment({ configuration, ...LONGEST_NAMES }));
      const bytes = variables.reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
      const tooMany = bytes - LIMITS.lambda.environmentBytes;
      return tooMany > 0
        ? `must fit into the function's environment of 4 KB, and are ${tooMany} bytes too long: send to a mailing list in place of many recipients`
        : undefined;
    },
  },
];

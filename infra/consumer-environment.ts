import { EMAIL_SETTINGS_FILE } from '../src/contract/email-settings.ts';
import { ENVIRONMENT } from '../src/contract/environment.ts';
import { type Configuration, publishesEvents, sendsEmail } from './settings/configuration.ts';

interface ConsumerEnvironment {
  readonly configuration: Configuration;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly serviceName: string;
  /** As far as the stack knows them: none behind a topic. */
  readonly bucketNames: readonly string[];
}

/** The function's environment variables. `src/consumer/config.ts` reads them. */
export function consumerEnvironment(props: ConsumerEnvironment): Record<string, string> {
  const { indexShards, uploaderKeyTemplate, uploaderMetadata, retentionDays, logLevel, metricsByCategory } =
    props.configuration;
  return {
    [ENVIRONMENT.tableName]: props.tableName,
    [ENVIRONMENT.deadLetterQueueUrl]: props.deadLetterQueueUrl,
    [ENVIRONMENT.indexShards]: String(indexShards),
    ...(props.bucketNames.length > 0 && { [ENVIRONMENT.bucketNames]: props.bucketNames.join(',') }),
    ...(!metricsByCategory && { [ENVIRONMENT.metricsByCategory]: 'false' }),
    ...(uploaderKeyTemplate !== undefined && { [ENVIRONMENT.uploaderKeyTemplate]: uploaderKeyTemplate }),
    ...(uploaderMetadata && { [ENVIRONMENT.uploaderMetadata]: 'true' }),
    ...(retentionDays !== undefined && { [ENVIRONMENT.retentionDays]: String(retentionDays) }),
    ...(sendsEmail(props.configuration) && {
      [ENVIRONMENT.emailSettings]: EMAIL_SETTINGS_FILE,
      [ENVIRONMENT.queueUrl]: props.queueUrl,
      ...(publishesEvents(props.configuration) && { [ENVIRONMENT.announcesEmails]: 'true' }),
    }),
    [ENVIRONMENT.serviceName]: props.serviceName,
    POWERTOOLS_LOG_LEVEL: logLevel,
  };
}

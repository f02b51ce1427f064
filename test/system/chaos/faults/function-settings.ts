import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EMAIL_SETTINGS_FILE } from '../../../../src/contract/email-settings.ts';
import { ENVIRONMENT } from '../../../../src/contract/environment.ts';
import type { LocalEndpoints } from '../../../../src/local/identity.ts';
import type { FunctionSettings } from '../../../../src/local/lambda/function-settings.ts';
import type { FunctionResource } from '../../../../src/local/template/resources.ts';
import { alertRule, digestSettings, emailSettings } from '../../../builders/email-settings.ts';
import { DIGEST_RECIPIENT } from '../digest-ticks.ts';
import { SECRETS } from '../secrets.ts';

const AGENT = pathToFileURL(fileURLToPath(new URL('./function-agent.ts', import.meta.url))).href;

/** Matched by some batches: alert emails go out at the end of an invocation. */
const ALERT = alertRule('videos', { recipients: ['alerts@example.com'], category: 'video' });

/** Writes email settings with one digest and one alert into the directory. @returns the file's path. */
export function writeEmailSettings(directory: string, digest: string): string {
  const file = path.join(directory, EMAIL_SETTINGS_FILE);
  const digests = [digestSettings(digest, { recipients: [DIGEST_RECIPIENT] })];
  writeFileSync(file, JSON.stringify(emailSettings({ digests, alerts: [ALERT], alertsPerMinute: 30 })));
  return file;
}

/**
 * Seconds, instead of the template's 30, so that a function that hangs is killed soon; megabytes, instead of the template's 512, so
 * that a heap is soon full.
 */
const QUICKER = { timeoutSeconds: 6, memoryMb: 192 } as const;

interface SettingsOptions {
  readonly region: string;
  readonly endpoints: LocalEndpoints;
  /** Of the uploads queue. */
  readonly queueUrl: string;
  /** Path of a file that {@link writeEmailSettings} has written. */
  readonly emailSettings: string;
}

/**
 * The template's function, with its calls going through `endpoints`, and with secrets that are known when they are seen.
 */
export function functionSettings(
  fn: FunctionResource,
  { region, endpoints, queueUrl, emailSettings }: SettingsOptions,
): FunctionSettings {
  return {
    ...fn,
    ...QUICKER,
    region,
    credentials: SECRETS,
    environment: {
      ...fn.environment,
      [ENVIRONMENT.queueUrl]: queueUrl,
      [ENVIRONMENT.emailSettings]: emailSettings,
      [ENVIRONMENT.ticksSetEnd]: 'true',
      NODE_OPTIONS: `--import=${AGENT}`,
    },
    endpoints: {
      AWS_ENDPOINT_URL: endpoints.services,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_SES: endpoints.ses,
    },
  };
}

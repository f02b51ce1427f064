import { fileURLToPath, pathToFileURL } from 'node:url';
import { ENVIRONMENT } from '../../../../src/contract/environment.ts';
import type { LocalEndpoints } from '../../../../src/local/identity.ts';
import type { FunctionSettings } from '../../../../src/local/lambda/function-settings.ts';
import type { FunctionResource } from '../../../../src/local/template/resources.ts';
import { SECRETS } from '../secrets.ts';

const AGENT = pathToFileURL(fileURLToPath(new URL('./function-agent.ts', import.meta.url))).href;

/** Matched by some batches: alert emails go out at the end of an invocation. */
const ALERT = { name: 'videos', recipients: ['alerts@example.com'], category: 'video' } as const;

/**
 * Seconds, instead of the template's 30, so that a function that hangs is killed soon; megabytes, instead of the template's 512, so
 * that a heap is soon full.
 */
const QUICKER = { timeoutSeconds: 6, memoryMb: 192 } as const;

/** The template's function, with its calls going through `endpoints`, and with secrets that are known when they are seen. */
export function functionSettings(fn: FunctionResource, region: string, endpoints: LocalEndpoints): FunctionSettings {
  return {
    ...fn,
    ...QUICKER,
    region,
    credentials: SECRETS,
    environment: {
      ...fn.environment,
      [ENVIRONMENT.emailSender]: 'ledger@example.com',
      [ENVIRONMENT.alertRules]: JSON.stringify([ALERT]),
      [ENVIRONMENT.alertsPerMinute]: '30',
      NODE_OPTIONS: `--import=${AGENT}`,
    },
    endpoints: {
      AWS_ENDPOINT_URL: endpoints.services,
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
      AWS_ENDPOINT_URL_SES: endpoints.ses,
    },
  };
}

import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../clients.ts';
import { accessKeyIdOf } from '../service-server/principal.ts';
import type { ServiceCall, SignedRequest } from './service-call.ts';

/**
 * A call of SES in the words of IAM, in which an email is sent on the identity of its sender; undefined for one that nobody signed.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon SES".
 */
export function toMailCall({ headers, body }: SignedRequest): ServiceCall | undefined {
  const caller = accessKeyIdOf(headers, {});
  if (caller === undefined) return undefined;
  const form = new URLSearchParams(body);
  const source = form.get('Source') ?? '';
  // `Name <address>` or the address alone.
  const sender = /<([^>]+)>\s*$/.exec(source)?.[1] ?? source;
  return {
    caller,
    action: `ses:${form.get('Action')}`,
    resources: [`arn:aws:ses:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:identity/${sender}`],
    context: { 'ses:FromAddress': [sender] },
  };
}

import { SQSServiceException } from '@aws-sdk/client-sqs';

/** What SQS answers to a call that it does not take. */
export function refusal(name: string, httpStatusCode = 400): SQSServiceException {
  const $fault = httpStatusCode < 500 ? 'client' : 'server';
  return new SQSServiceException({ name, $fault, message: name, $metadata: { httpStatusCode } });
}

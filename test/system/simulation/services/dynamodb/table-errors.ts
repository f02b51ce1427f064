import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';

/** What DynamoDB answers to a call that no repeat can make right. */
export function invalid(message: string): DynamoDBServiceException {
  return error('ValidationException', 400, message);
}

/** The service is down. */
export function unavailable(): DynamoDBServiceException {
  return error('InternalServerError', 500, 'The request processing has failed.');
}

/** The caller may not do this. */
export function denied(): DynamoDBServiceException {
  return error('AccessDeniedException', 400, 'The caller is not authorized to perform this.');
}

export function throttled(): DynamoDBServiceException {
  return error('ProvisionedThroughputExceededException', 400, 'The level of configured throughput was exceeded.');
}

function error(name: string, httpStatusCode: number, message: string): DynamoDBServiceException {
  const $fault = httpStatusCode < 500 ? 'client' : 'server';
  return new DynamoDBServiceException({ name, $fault, message, $metadata: { httpStatusCode } });
}

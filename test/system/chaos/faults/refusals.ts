interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Services that the function calls. */
export type Refused = 'dynamodb' | 'sqs' | 'ses';

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

function json(status: number, type: string): Refusal {
  return { status, headers: JSON_TYPE, body: Buffer.from(JSON.stringify({ __type: type, message: 'Injected.' })) };
}

function xml(status: number, code: string): Refusal {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>Injected.</Message></Error>`;
  const body = `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">${error}</ErrorResponse>`;
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) };
}

/** How each service says no. Source: "Common errors" in the API references of DynamoDB, SQS and SES. */
export const REFUSALS: Readonly<Record<Refused, { readonly throttled: Refusal; readonly failed: Refusal }>> = {
  dynamodb: {
    throttled: json(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException'),
    failed: json(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError'),
  },
  sqs: {
    throttled: json(400, 'com.amazonaws.sqs#RequestThrottled'),
    failed: json(500, 'com.amazonaws.sqs#InternalFailure'),
  },
  ses: { throttled: xml(400, 'Throttling'), failed: xml(503, 'ServiceUnavailable') },
};

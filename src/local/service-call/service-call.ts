import type { IncomingHttpHeaders } from 'node:http';

/** A call that a local server has received, in the words of IAM. */
export interface ServiceCall {
  /** Who signed it: the access key id. */
  readonly caller: string;
  /** Such as `dynamodb:BatchWriteItem`. A batch call of SQS is the action of its entries, as IAM has it. */
  readonly action: string;
  /** ARNs of all that it is about. */
  readonly resources: readonly string[];
  /** What a policy may ask of it, by IAM's names, such as `dynamodb:LeadingKeys`. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** Told of each signed call as it arrives, whatever becomes of it. */
export type OnCall = (call: ServiceCall) => void;

/** What the local servers need of a request to say whose call it is. */
export interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  /** As it came. */
  readonly body: string;
}

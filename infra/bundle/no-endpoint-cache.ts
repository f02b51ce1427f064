/**
 * Stands in the consumer's bundle for `@aws-sdk/endpoint-cache`. The DynamoDB client makes a cache for endpoint discovery when it is
 * constructed and no operation of the client looks into it, so that its LRU library would be read at every start for nothing.
 */
export class EndpointCache {}

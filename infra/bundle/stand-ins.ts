/** What a function's bundle has instead of whole packages that a Lambda function never needs: see `ALIASES`. */

/**
 * For `@aws-sdk/credential-provider-node`, the chain of every place where credentials may be. Lambda gives a
 * function's role through environment variables and nothing else, and so does the local stack.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';

/**
 * For `@aws-sdk/endpoint-cache`: the DynamoDB client makes one when it is constructed, and no operation looks into
 * it.
 */
class NoEndpointCache {}

export { NoEndpointCache as EndpointCache };

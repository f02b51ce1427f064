/**
 * Stands in the consumer's bundle for `@aws-sdk/credential-provider-node`, the chain of every place where credentials may be:
 * Lambda gives a function's role through environment variables and nothing else, and so does the local stack. The chain's
 * other links (profiles, single sign-on, web identity, instance metadata) would add 120 kB that never run.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';

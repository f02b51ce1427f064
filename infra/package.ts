/**
 * What the package exports. No other file only re-exports.
 *
 * The CDK and `constructs` are peer dependencies, because constructs of two copies do not work together, and AWS's SDK is
 * one for `upload-ledger/client`, which works with the application's clients. All are optional, because the command line
 * needs none of them. Everything else is bundled: the package has no dependencies. Types are files of their own, so what
 * this file leads to may import types of these packages and of no other.
 */

export type { AlertProps, DigestProps } from './email-props.ts';
export type { UploadMetricProps } from './monitoring/ledger-metrics.ts';
export { ConfigurationError } from './settings/configuration-error.ts';
export type { ExistingBucketsSource, NewBucketSource, TopicSource, UploadSource } from './source-props.ts';
export { type IUploadLedger, UploadLedger } from './upload-ledger.ts';
export type { UploadLedgerProps } from './upload-ledger-props.ts';
export type { WebhookProps } from './webhook-props.ts';

/**
 * What the package exports. No other file only re-exports.
 *
 * The CDK and `constructs` are dependencies with a caret range, unlike all others, because constructs of two copies do
 * not work together: npm installs no second copy beside a CDK of the same major version that is new enough. As peer
 * dependencies, npm would refuse an older CDK instead of installing a second copy. But the stack of this checkout needs
 * them as dependencies, and npm ignores the peer dependency of a name that is both.
 */

export type { UploadMetricProps } from './monitoring/ledger-metrics.ts';
export { ConfigurationError } from './settings/configuration-error.ts';
export type { AlertProps, DigestProps } from './settings/email-settings.ts';
export type { ExistingBucketsSource, NewBucketSource, TopicSource, UploadSource } from './settings/source.ts';
export { type IUploadLedger, UploadLedger } from './upload-ledger.ts';
export type { UploadLedgerProps } from './upload-ledger-props.ts';

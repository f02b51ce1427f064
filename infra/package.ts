/**
 * What the package gives to programs that import it: the one file that only passes on what others export.
 *
 * The CDK and `constructs` are dependencies with a caret range, where all others are exact: constructs of two copies do not fit together,
 * and npm gives a program that has a CDK of the same major version, at least as new, its own copy and no second one. As peer dependencies they
 * would say the same more loudly, and be missing from a production install of this checkout, whose stack is a program too.
 */
export. */

export { ConfigurationError } from './configuration-error.ts';
export type { AlertProps, DigestProps } from './email/email-props.ts';
export type { UploadMetricProps } from './monitoring/ledger-metrics.ts';
export { UploadLedger } from './upload-ledger.ts';
export type { UploadLedgerProps } from './upload-ledger-props.ts';
export type { UploadLedgerResources } from './upload-ledger-resources.ts';

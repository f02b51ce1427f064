/**
 * What the package gives to programs that import it: the one file that only passes on what others export.
 *
 * The CDK and `constructs` are dependencies with a caret range, where all others are exact: constructs of two copies do not fit together,
 * and to a program that has a CDK of the same major version, at least as new, npm gives no second one. As peer dependencies they would be
 * refused at install where the program's CDK is older, instead of standing there twice. But this checkout's own stack runs on them, and of a
 * name that is both, npm takes the dependency.
 */

export type { UploadMetricProps } from './monitoring/ledger-metrics.ts';
export { ConfigurationError } from './settings/configuration-error.ts';
export type { AlertProps, DigestProps } from './settings/email-settings.ts';
export { UploadLedger } from './upload-ledger.ts';
export type { UploadLedgerProps, UploadLedgerResources } from './upload-ledger-props.ts';

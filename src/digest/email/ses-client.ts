/** The part of the SDK's package that is used. Loaded as a whole, the package would bring all of SES's calls into the bundle. */
export { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';

/** The part of the package that is used: imported as a whole, it would add all of SES's calls to the bundle. */
export { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';

/**
 * What the local commands set of email, where a deployment by default sends none: one digest and one alert, so that people see them.
 *
 * Given to the synthesis like any other setting (`cdk synth -c digests=...`): the template, the function and the schedule are those that
 * a deployment with these settings would have. The emails stand in the local inbox and go nowhere else.
 */
export const LOCAL_EMAIL: Readonly<Record<string, string>> = {
  emailSender: 'ledger@example.com',
  digests: JSON.stringify([{ name: 'local', schedule: 'rate(15 minutes)', recipients: ['team@example.com'] }]),
  // A presigned PUT or a part of a multipart upload is seldom that large in a demonstration: the alert is for what stands out.
  alerts: JSON.stringify([{ name: 'large-files', minimumBytes: 5_000_000, recipients: ['on-call@example.com'] }]),
};

/** Keys of the CDK command line's own that look like settings: `cdk cli-telemetry` and `cdk acknowledge` write them. */
const CDK_KEYS: readonly string[] = ['cli-telemetry', 'acknowledged-issue-numbers'];

/** The settings among the CDK's context: all but its feature flags (`@aws-cdk/...`), look-ups (`provider:...`) and own keys. */
export function contextSettings(context: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const ours = Object.entries(context).filter(([key]) => !/[@:]/.test(key) && !CDK_KEYS.includes(key));
  return Object.fromEntries(ours);
}

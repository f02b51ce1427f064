import { ENVIRONMENT } from '../../contract/environment.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import type { Deployment } from './deployment.ts';

/** Who sends the emails of a deployment, and to whom. */
export interface EmailParts {
  readonly sender: string;
  /** Of alerts and digests, each once. */
  readonly recipients: readonly string[];
}

/** As far as an alert's rule and a digest's tick say the same. */
interface Addressed {
  readonly recipients?: readonly string[];
}

/** Lambda does not show the function's environment: the caller may not use the key under which it is encrypted. */
class HiddenEnvironmentError extends UploadLedgerError {
  override readonly name = 'HiddenEnvironmentError';

  constructor(reason: string) {
    super('hidden-environment', `Lambda does not show the function's environment: ${reason}`);
  }
}

/** The emails' sender and recipients, as they are deployed. undefined: none is configured. */
export async function emailPartsOf(deployment: Deployment): Promise<EmailParts | undefined> {
  const { Environment } = await deployment.function();
  if (Environment?.Error !== undefined)
    throw new HiddenEnvironmentError(Environment.Error.Message ?? 'no reason given');
  const variables = Environment?.Variables ?? {};
  const sender = variables[ENVIRONMENT.emailSender];
  if (sender === undefined) return undefined;
  const rules: readonly Addressed[] = JSON.parse(variables[ENVIRONMENT.alertRules] ?? '[]');
  const { digests = [] } = deployment.ledger.resources;
  const schedules = digests.length === 0 ? [] : await deployment.schedules();
  const ticks = schedules.map(({ Target }) => JSON.parse(Target?.Input ?? '{}') as { readonly digest?: Addressed });
  const recipients = [...rules, ...ticks.map(({ digest }) => digest)].flatMap((each) => each?.recipients ?? []);
  return { sender, recipients: [...new Set(recipients)] };
}

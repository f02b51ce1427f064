/** Which ledger an email is about: the same digest may be sent from several stacks, accounts and Regions. */
export interface EmailLedger {
  /** Name of the CloudFormation stack. Absent: the local stack. */
  readonly stackName?: string;
  readonly account: string;
  readonly region: string;
  /** Where people look uploads up; emails link to it. Absent: no link. */
  readonly consoleUrl?: string;
}

interface EmailLedgerFacts extends Pick<EmailLedger, 'stackName' | 'region'> {
  /** URL of any queue of the ledger: it holds the account. */
  readonly queueUrl: string;
  readonly consoleUrl?: string | undefined;
}

export function toEmailLedger({ queueUrl, consoleUrl, ...facts }: EmailLedgerFacts): EmailLedger {
  const [, account = ''] = new URL(queueUrl).pathname.split('/');
  return { ...facts, account, ...(consoleUrl !== undefined && { consoleUrl }) };
}

/** `Stack Invoices, account 111122223333, eu-central-1`. */
export function ledgerLine({ stackName, account, region }: EmailLedger): string {
  return stackName === undefined ? 'The local stack' : `Stack ${stackName}, account ${account}, ${region}`;
}

/** The end of a subject, which tells apart the emails of several stacks: ` [Invoices]`. */
export function subjectMark({ stackName }: EmailLedger): string {
  return stackName === undefined ? '' : ` [${stackName}]`;
}

/**
 * A command of the command line, complete: `upload-ledger dlq list --stack Invoices --region eu-central-1`.
 *
 * @param command Its name, as `dlq list`.
 */
export function ledgerCommand(command: string, { stackName, region }: EmailLedger): string {
  const where = stackName === undefined ? '--local' : `--stack ${stackName} --region ${region}`;
  return `upload-ledger ${command} ${where}`;
}

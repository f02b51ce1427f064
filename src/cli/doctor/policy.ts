/** One statement of a resource policy: the part that says who may send. */
interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A message that an AWS service wants to send. */
interface SendRequest {
  /** Such as `s3.amazonaws.com`. */
  readonly service: string;
  /** The resource on whose behalf it sends. Absent: not known; a condition on it counts as met. */
  readonly sourceArn?: string;
  /** The sender is in the same account. */
  readonly queueArn: string;
}

/** The statements of a policy. None: there is no policy, or it cannot be read. */
export function parsePolicy(text: string | undefined): readonly Statement[] {
  try {
    const { Statement: statements = [] } = JSON.parse(text ?? '{}') as { Statement?: Statement | Statement[] };
    return [statements].flat();
  } catch {
    return [];
  }
}

/**
 * Whether a queue's policy lets a service send. It knows the conditions that such policies have: `aws:SourceArn`,
 * `aws:SourceAccount` and `aws:SecureTransport`, which services meet. Any other condition counts as not met.
 *
 * Source: IAM user guide, "Policy evaluation logic": a denial that applies outweighs everything.
 */
export function admits(policy: readonly Statement[], request: SendRequest): boolean {
  const applying = policy.filter(
    (statement) => isFor(statement, request.service) && isSending(statement) && isMet(statement.Condition, request),
  );
  return applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny');
}

function isFor({ Principal }: Statement, service: string): boolean {
  if (Principal === undefined) return false;
  if (typeof Principal === 'string') return Principal === '*';
  return Object.values(Principal)
    .flat()
    .some((principal) => principal === '*' || principal === service);
}

function isSending({ Action = [] }: Statement): boolean {
  return [Action].flat().some((action) => like(action.toLowerCase(), 'sqs:sendmessage'));
}

function isMet(condition: Statement['Condition'] = {}, request: SendRequest): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => isKeyMet(operator, key.toLowerCase(), [values].flat(), request)),
  );
}

function isKeyMet(operator: string, key: string, values: readonly string[], { sourceArn, queueArn }: SendRequest) {
  const account = queueArn.split(':')[4] ?? '';
  const facts: Readonly<Record<string, string | undefined>> = {
    'aws:sourcearn': sourceArn ?? '',
    'aws:sourceaccount': account,
    'aws:securetransport': 'true',
  };
  if (key === 'aws:sourcearn' && sourceArn === undefined) return true;
  const fact = facts[key];
  if (fact === undefined || !/^(Arn|String|Bool)(Equals|Like)?(IgnoreCase)?(IfExists)?$/.test(operator)) return false;
  return values.some((value) => like(String(value), fact));
}

/** Whether `text` matches `pattern`, in which `*` stands for any text. */
function like(pattern: string, text: string): boolean {
  const source = pattern.split('*').map(RegExp.escape).join('.*');
  return new RegExp(`^${source}$`, 's').test(text);
}

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FunctionName, functionStatements, type Statement } from './policy.ts';

/** A grant to remove from the template, or an action to add to what a function may do with its table. */
export type PolicyChange = { readonly without: string } | { readonly with: string };

interface TemplateStatement {
  Action: string | string[];
  readonly Effect: string;
  readonly Resource: unknown;
}

/** What the function may do under a changed template. */
export function changedStatements(
  assemblyDirectory: string,
  change: PolicyChange,
  name: FunctionName = 'consumer',
): Statement[] {
  const copy = mkdtempSync(path.join(tmpdir(), 'upload-ledger-policies-'));
  try {
    for (const file of readdirSync(assemblyDirectory).filter((name) => name.endsWith('.json'))) {
      cpSync(path.join(assemblyDirectory, file), path.join(copy, file));
    }
    const [file = ''] = readdirSync(copy).filter((name) => name.endsWith('.template.json'));
    const template = JSON.parse(readFileSync(path.join(copy, file), 'utf8'));
    for (const policy of policiesOf(template)) apply(change, policy);
    writeFileSync(path.join(copy, file), JSON.stringify(template));
    return functionStatements(copy, name);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function policiesOf(template: { Resources: Record<string, { Type: string; Properties: unknown }> }) {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Policy')
    .map(({ Properties }) => (Properties as { PolicyDocument: { Statement: TemplateStatement[] } }).PolicyDocument);
}

/** What the consumer does with the table, and the publisher with its stream. */
const ON_TABLE = ['dynamodb:BatchWriteItem', 'dynamodb:GetRecords'];

function apply(change: PolicyChange, policy: { Statement: TemplateStatement[] }): void {
  if ('with' in change) {
    const onTable = policy.Statement.find(({ Action }) => ON_TABLE.some((action) => [Action].flat().includes(action)));
    if (onTable !== undefined) policy.Statement.push({ ...onTable, Action: change.with });
    return;
  }
  for (const statement of policy.Statement) {
    statement.Action = [statement.Action].flat().filter((action) => action !== change.without);
  }
}

import { NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { LONGEST_SERVICE_NAME, physicalName, serviceNameOf } from '../../infra/names.ts';
import { UploadLedger } from '../../infra/upload-ledger.ts';
import { appWithoutBundles, temporaryApp } from './synthesized.ts';

const BUCKET_NAME_CHARACTERS = 63;
const GUID = '51af3dc0-da77-11e4-872e-1234567db123';

/** The name as CloudFormation would put it together. */
function nameOf(id: string, most = BUCKET_NAME_CHARACTERS): string {
  const stack = new Stack(temporaryApp(), 'Ledger');
  const [, [start]] = stack.resolve(physicalName(new Construct(stack, id), most))['Fn::Join'];
  return `${start}${GUID}`;
}

describe('physicalName', () => {
  it('joins the path of the construct and the GUID of the stack', () => {
    expect(nameOf('Uploads')).toBe(`ledger-uploads-${GUID}`);
  });

  it.each(['Uploads_Of_Invoices', 'uploads of $', 'Über', 'A'.repeat(80), '_'])(
    'makes a valid bucket name of %s',
    (id) => {
      expect(nameOf(id)).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
    },
  );

  it('differs for paths that differ only in characters that a name cannot have', () => {
    expect(new Set(['a_b', 'a-b', 'a b'].map((id) => nameOf(id))).size).toBe(3);
  });
});

const serviceName = (scope: Construct, id: string) => serviceNameOf(new Construct(scope, id));

describe('serviceNameOf', () => {
  it('joins the name of the stack and the path in the stack', () => {
    const stack = new Stack(new Stage(temporaryApp(), 'Prod'), 'Invoices');
    expect(serviceName(stack, 'Uploads')).toBe('Prod-Invoices/Uploads');
    expect(serviceName(new Construct(stack, 'Records'), 'Uploads')).toBe('Prod-Invoices/Records/Uploads');
  });

  it('can be quoted in a search, differs for different ids, and has a maximum length', () => {
    const stack = new Stack(temporaryApp(), 'S'.repeat(128));
    const names = [`it's "mine"`, 'it s  mine ', 'x'.repeat(200), `${'x'.repeat(200)}y`].map((id) =>
      serviceName(stack, id),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      expect(name).toMatch(/^[\w./-]+$/);
      expect(name.length).toBeLessThanOrEqual(LONGEST_SERVICE_NAME);
    }
  });

  it('separates function, dashboard and alarms of two ledgers in one stack', () => {
    const stack = new Stack(appWithoutBundles(), 'Two');
    for (const id of ['Invoices', 'Receipts']) new UploadLedger(stack, id);
    const { Resources } = Template.fromStack(stack).toJSON();
    const ofOurs = ['AWS::Lambda::Function', 'AWS::CloudWatch::Dashboard', 'AWS::CloudWatch::Alarm'];
    const named = Object.entries<{ Type: string }>(Resources).filter(([, { Type }]) => ofOurs.includes(Type));
    for (const [logicalId, resource] of named) {
      const own = logicalId.startsWith('Invoices') ? 'Two/Invoices' : 'Two/Receipts';
      const found = new Set(JSON.stringify(resource).match(/Two\/(Invoices|Receipts)(?=[^/\w])/g));
      if (found.size > 0) expect([...found], logicalId).toEqual([own]);
    }
    for (const type of ofOurs) expect(JSON.stringify(named.filter(([, { Type }]) => Type === type))).toContain('Two/');
  });

  it('is resolved at deployment in a nested stack, whose name CloudFormation makes', () => {
    const nested = new NestedStack(new Stack(appWithoutBundles(), 'Outer'), 'Inner');
    new UploadLedger(nested, 'Uploads');
    const variables = Object.values(Template.fromStack(nested).findResources('AWS::Lambda::Function'))[0]?.Properties
      .Environment.Variables;
    expect(JSON.stringify(variables.POWERTOOLS_SERVICE_NAME)).toMatch(/Ref|Fn::/);
  });
});

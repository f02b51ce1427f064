import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { physicalName } from '../../infra/physical-name.ts';
import { temporaryApp } from './temporary-app.ts';

const BUCKET_NAME_CHARACTERS = 63;
const GUID = '51af3dc0-da77-11e4-872e-1234567db123';

/** The name as CloudFormation would put it together. */
function nameOf(id: string, most = BUCKET_NAME_CHARACTERS): string {
  const stack = new Stack(temporaryApp(), 'Ledger');
  const [, [start]] = stack.resolve(physicalName(new Construct(stack, id), most))['Fn::Join'];
  return `${start}${GUID}`;
}

describe('a physical name', () => {
  it('is the path of the construct and the GUID of the stack', () => {
    expect(nameOf('Uploads')).toBe(`ledger-uploads-${GUID}`);
  });

  it.each(['Uploads_Of_Invoices', 'uploads of $', 'Über', 'A'.repeat(80), '_'])('of %s is one that S3 takes', (id) => {
    expect(nameOf(id)).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  });

  it('differs for constructs whose paths differ in what a name cannot hold', () => {
    expect(new Set(['a_b', 'a-b', 'a b'].map((id) => nameOf(id))).size).toBe(3);
  });
});

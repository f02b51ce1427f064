import { LOCAL_PARTITION, type LocalPlace } from './template-identity.ts';

/** What CloudFormation's pseudo parameters stand for on this machine; undefined for a name that is none. */
export function pseudoParameter(name: string, { stackName, region, accountId }: LocalPlace): string | undefined {
  switch (name) {
    case 'AWS::StackName':
      return stackName;
    case 'AWS::StackId':
      // The last part is a GUID on AWS. A word reads better in the names made of it, and never changes.
      return `arn:${LOCAL_PARTITION}:cloudformation:${region}:${accountId}:stack/${stackName}/local`;
    case 'AWS::Region':
      return region;
    case 'AWS::AccountId':
      return accountId;
    case 'AWS::Partition':
      return LOCAL_PARTITION;
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    default:
      return undefined;
  }
}

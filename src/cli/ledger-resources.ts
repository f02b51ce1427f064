import type { Output } from '@aws-sdk/client-cloudformation';
import { type ListedDigest, OUTPUTS, parseDigestList } from '../contract/outputs.ts';
import { UsageError } from './usage-error.ts';

/** What the commands work on. */
export interface LedgerResources {
  readonly region: string;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly bucketName: string;
  /** Absent: the local stack does not name it. */
  readonly functionName?: string;
  /** Shards of both indexes, 1 or more. */
  readonly indexShards: number;
  /** Which part of a key names the uploader. Absent: none does. */
  readonly uploaderKeyTemplate?: string;
  /** Days after which a record expires. Absent: never. */
  readonly retentionDays?: number;
  /** Absent: the stack sends none. */
  readonly digests?: readonly ListedDigest[];
}

/**
 * The resources that a deployed stack's outputs name.
 *
 * @throws UsageError when an output is missing: the stack is another one, or was deployed by an older version.
 */
export function toResources(outputs: readonly Output[], stack: string, region: string): LedgerResources {
  const values = new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const requiredOutput = (name: string) => {
    const value = values.get(name);
    if (value) return value;
    throw new UsageError(
      `stack "${stack}" has no output ${name}: it is no upload-ledger stack, or was deployed by an older version (deploy it again)`,
    );
  };
  const digests = parseDigestList(values.get(OUTPUTS.digests));
  const template = values.get(OUTPUTS.uploaderKeyTemplate);
  const retentionDays = Number(values.get(OUTPUTS.retentionDays));
  return {
    region,
    tableName: requiredOutput(OUTPUTS.tableName),
    queueUrl: requiredOutput(OUTPUTS.queueUrl),
    deadLetterQueueUrl: requiredOutput(OUTPUTS.deadLetterQueueUrl),
    bucketName: requiredOutput(OUTPUTS.bucketName),
    functionName: requiredOutput(OUTPUTS.functionName),
    indexShards: Number(requiredOutput(OUTPUTS.indexShards)),
    ...(template && { uploaderKeyTemplate: template }),
    ...(retentionDays > 0 && { retentionDays }),
    ...(digests.length > 0 && { digests }),
  };
}

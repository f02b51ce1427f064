import { createHash } from 'node:crypto';
import { type DemoStep, MULTIPART_PART_BYTES } from '../../../src/cli/demo/plan.ts';
import type { ObjectChange } from '../../../src/local/s3/notification.ts';
import { type ModelItem, modelItem } from './model-record.ts';
import { FOREIGN_BUCKET, type Poison } from './poison.ts';
import type { UploadPlan } from './upload-plan.ts';

export interface ModelOptions {
  readonly plan: UploadPlan;
  readonly poison: readonly Poison[];
  readonly bucket: string;
  readonly region: string;
  readonly shards: number;
  /** What S3 alone knows of each step: when, in which order, under which request. */
  readonly changes: readonly ObjectChange[];
}

/** Every record that must be in the ledger, by {@link itemKey}. */
export function modelOf(options: ModelOptions): ReadonlyMap<string, ModelItem> {
  const { plan, poison, region, shards } = options;
  const changes = Map.groupBy(options.changes, ({ key }) => key);
  const items = plan.flat().map((step) => {
    const change = changes.get(step.key)?.shift();
    if (change === undefined) throw new Error(`S3 did not tell of ${step.kind} ${step.key}.`);
    return modelItem(toKnown(step, change, options), shards);
  });
  const foreign = poison.flatMap(({ readable = [] }) =>
    readable.map((event) => modelItem({ ...event, bucket: FOREIGN_BUCKET, region }, shards)),
  );
  return new Map([...items, ...foreign].map((item) => [itemKey(item), item]));
}

/** One text for the two parts of a primary key. */
export function itemKey(item: ModelItem): string {
  return JSON.stringify([item.s3_object, item.upload_id]);
}

function toKnown(step: DemoStep, change: ObjectChange, { bucket, region }: ModelOptions) {
  const { eventTime, sequencer, requestId } = change;
  const { key, uploader } = step;
  const common = { bucket, key, uploader, region, sourceIp: '127.0.0.1', eventTime, sequencer, requestId };
  if (step.kind === 'delete') return { ...common, eventName: 'ObjectRemoved:Delete' };
  const eventName = step.kind === 'put' ? 'ObjectCreated:Put' : 'ObjectCreated:CompleteMultipartUpload';
  return { ...common, eventName, size: step.body.byteLength, eTag: eTagOf(step) };
}

/** As S3 makes it: the content's MD5; for several parts the MD5 of their MD5s, and their number. */
function eTagOf(step: Extract<DemoStep, { readonly body: Uint8Array }>): string {
  if (step.kind === 'put') return md5(step.body).toString('hex');
  const parts = Math.ceil(step.body.byteLength / MULTIPART_PART_BYTES);
  const sums = Array.from({ length: parts }, (_, part) =>
    md5(step.body.subarray(part * MULTIPART_PART_BYTES, (part + 1) * MULTIPART_PART_BYTES)),
  );
  return `${md5(Buffer.concat(sums)).toString('hex')}-${parts}`;
}

function md5(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

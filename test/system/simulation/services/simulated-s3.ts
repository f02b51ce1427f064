import {
  HeadObjectCommand,
  type HeadObjectCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  NotFound,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { formUrlEncode } from '../../../../src/contract/s3-notifications.ts';
import type { BucketObject } from '../../../../src/ledger/reconcile/bucket-object.ts';
import { SECOND_MS } from '../../../../src/shared/time.ts';
import { notificationBody, RESTORER, S3_ITSELF, type S3Event, type Version } from './s3-event.ts';
import { compareUtf8, SortedList } from './sorted-list.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type { S3Event, Version } from './s3-event.ts';

export interface BucketOptions {
  readonly name: string;
  readonly isVersioned: boolean;
  readonly clock: VirtualClock;
  readonly onEvent: (event: S3Event, body: string) => void;
}

/** Objects of one page of a listing or an inventory. */
const PAGE = 1_000;
/** Milliseconds of one call. */
const LATENCY_MS = 20;
/** Milliseconds after which a call that nobody answers is given up, unless the caller does before. */
const STALLED_MS = 30 * SECOND_MS;
/** The hash of no content, which S3 gives to delete markers. */
const EMPTY_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';

/**
 * A bucket that keeps S3's rules for versions, delete markers and events. The source of each rule is the S3 user guide: "How S3
 * Versioning works", "Event notification types and destinations", and recorded events for the sequencers of expirations and restores.
 */
export class SimulatedBucket {
  readonly name: string;
  readonly #options: BucketOptions;
  /** Of each key, oldest first. */
  readonly #versions = new Map<string, Version[]>();
  /** Those that have versions, in the order of a listing. */
  readonly #keys = new SortedList<string>(compareUtf8);
  #made = 0;

  constructor(options: BucketOptions) {
    this.name = options.name;
    this.#options = options;
  }

  put(key: string, size: number, principalId: string, { kind = 'Put', ...content }: PutOptions = {}): Version {
    return this.#create(`ObjectCreated:${kind}`, principalId, this.#version(key, { size, ...content }));
  }

  /** @param initiatedAt Epoch milliseconds: what S3 calls the object's last modification ever after. */
  completeMultipart(
    key: string,
    size: number,
    principalId: string,
    { initiatedAt, uploader }: Pick<VersionParts, 'uploader'> & { readonly initiatedAt: number },
  ): Version {
    const version = this.#version(key, { size, eTag: `${this.#eTag()}-2`, uploader, initiatedAt });
    return this.#create('ObjectCreated:CompleteMultipartUpload', principalId, version);
  }

  /** A delete by request without a version: removes the object, or hides it behind a marker. */
  delete(key: string, principalId: string): void {
    if (this.#options.isVersioned) {
      this.#create('ObjectRemoved:DeleteMarkerCreated', principalId, this.#version(key, { isDeleteMarker: true }));
      return;
    }
    const object = this.current(key);
    if (object !== undefined) this.deleteVersion(object, principalId);
  }

  /** A delete of one version, or of one delete marker, for good. */
  deleteVersion(version: Version, principalId: string): void {
    if (!this.#remove(version)) return;
    this.#tell('ObjectRemoved:Delete', { ...version, sequencer: this.#sequencer() }, principalId);
  }

  /** What a lifecycle rule does to the current version. The event carries the sequencer of the version's creation. */
  expire(key: string): void {
    const current = this.current(key);
    if (current === undefined) return;
    if (!this.#options.isVersioned) this.expireVersion(current);
    else
      this.#create('LifecycleExpiration:DeleteMarkerCreated', S3_ITSELF, this.#version(key, { isDeleteMarker: true }));
  }

  /** What a lifecycle rule does to a version that is no longer current, or to a delete marker that is alone. */
  expireVersion(version: Version): void {
    if (this.#remove(version)) this.#tell('LifecycleExpiration:Delete', version, S3_ITSELF);
  }

  /** A copy from the archive is asked for, is there, and is gone again. The events carry the sequencer of the object's creation. */
  restore(key: string, stage: 'Post' | 'Completed' | 'Delete'): void {
    const current = this.current(key);
    if (current !== undefined) this.#tell(`ObjectRestore:${stage}`, current, stage === 'Delete' ? S3_ITSELF : RESTORER);
  }

  /** The version that a GET without a version id gives; undefined when there is none. */
  current(key: string): Version | undefined {
    const last = this.#versions.get(key)?.at(-1);
    return last?.isDeleteMarker ? undefined : last;
  }

  versionsOf(key: string): readonly Version[] {
    return this.#versions.get(key) ?? [];
  }

  keys(): IterableIterator<string> {
    return this.#versions.keys();
  }

  /** The port of backfill and reconcile, which meet no faults. */
  get client(): Pick<S3Client, 'send'> {
    return this.connect(() => undefined);
  }

  /** @param fault Decides about each call. */
  connect(fault: () => BucketFault | undefined): Pick<S3Client, 'send'> {
    const { clock } = this.#options;
    const send = async (command: { readonly input: object }, options: { readonly abortSignal?: AbortSignal } = {}) => {
      const kind = fault();
      await clock.sleep(kind === 'stalled' ? STALLED_MS : LATENCY_MS, options.abortSignal);
      if (kind !== undefined) throw slowDown();
      if (command instanceof ListObjectsV2Command) return this.#list(command.input);
      if (command instanceof HeadObjectCommand) return this.#head(command.input);
      throw new TypeError(`The simulated bucket knows no ${command.constructor.name}.`);
    };
    return { send } as unknown as Pick<S3Client, 'send'>;
  }

  /** What an S3 Inventory of this moment lists, read later: every version and delete marker, latest first. */
  inventory(): AsyncGenerator<readonly BucketObject[]> {
    const rows: BucketObject[] = [];
    for (const key of this.#keys) {
      for (const version of this.versionsOf(key).toReversed()) rows.push(toBucketObject(version, this.name));
    }
    return pagesOf(rows);
  }

  #create(eventName: string, principalId: string, version: Version): Version {
    const { key } = version;
    const versions = this.#versions.get(key);
    if (versions === undefined) {
      this.#versions.set(key, [version]);
      this.#keys.add(key);
    } else if (this.#options.isVersioned) addInOrder(versions, version);
    else versions[0] = version;
    this.#tell(eventName, version, principalId);
    return version;
  }

  #version(key: string, { isDeleteMarker = false, size = 0, eTag, uploader, initiatedAt }: VersionParts): Version {
    const startedAt = initiatedAt ?? this.#options.clock.now();
    const sequencer = this.#sequencer();
    return {
      key,
      ...(this.#options.isVersioned && { versionId: `v${this.#made}` }),
      isDeleteMarker,
      size,
      eTag: isDeleteMarker ? EMPTY_ETAG : (eTag ?? this.#eTag()),
      ...(uploader !== undefined && { uploader }),
      startedAt,
      // S3 counts modifications in whole seconds.
      lastModified: Math.floor(startedAt / SECOND_MS) * SECOND_MS,
      sequencer,
    };
  }

  #eTag(): string {
    return (this.#made * 2_654_435_761).toString(16).padStart(32, '0');
  }

  /** The first ten digits are the second of the request. */
  #sequencer(): string {
    this.#made += 1;
    const seconds = Math.floor(this.#options.clock.now() / SECOND_MS);
    return (seconds.toString(16).padStart(10, '0') + this.#made.toString(16).padStart(8, '0')).toUpperCase();
  }

  #remove({ key, sequencer }: Version): boolean {
    const versions = this.#versions.get(key) ?? [];
    const at = versions.findIndex((version) => version.sequencer === sequencer);
    if (at < 0) return false;
    versions.splice(at, 1);
    if (versions.length > 0) return true;
    this.#versions.delete(key);
    this.#keys.delete(key);
    return true;
  }

  #tell(eventName: string, version: Version, principalId: string): void {
    const event = { eventName, at: this.#options.clock.now(), version, principalId };
    this.#options.onEvent(event, notificationBody(event, this.name));
  }

  #list({
    Prefix = '',
    StartAfter = '',
    ContinuationToken,
    EncodingType,
    MaxKeys = PAGE,
  }: ListObjectsV2CommandInput): object {
    const encode = EncodingType === 'url' ? formUrlEncode : (key: string) => key;
    const after = ContinuationToken ?? StartAfter;
    const Contents: object[] = [];
    let last: string | undefined;
    const isBefore = (key: string) => compareUtf8(key, after) <= 0 || compareUtf8(key, Prefix) < 0;
    for (const key of this.#keys.ascending(isBefore)) {
      if (!key.startsWith(Prefix)) break;
      const current = this.current(key);
      if (current === undefined) continue;
      if (Contents.length >= Math.min(MaxKeys, PAGE)) {
        return { Contents, KeyCount: Contents.length, IsTruncated: true, NextContinuationToken: last };
      }
      const { size: Size, eTag, lastModified } = current;
      Contents.push({ Key: encode(key), Size, ETag: `"${eTag}"`, LastModified: new Date(lastModified) });
      last = key;
    }
    return { ...(Contents.length > 0 && { Contents }), KeyCount: Contents.length, IsTruncated: false };
  }

  #head({ Key = '', VersionId }: HeadObjectCommandInput): object {
    const version = VersionId === undefined ? this.current(Key) : this.#versionOf(Key, VersionId);
    if (version === undefined) throw new NotFound({ message: 'NotFound', $metadata: { httpStatusCode: 404 } });
    // S3 does not let anybody read a delete marker.
    if (version.isDeleteMarker) throw methodNotAllowed();
    const { size, eTag, lastModified, versionId, uploader } = version;
    return {
      ContentLength: size,
      ETag: `"${eTag}"`,
      LastModified: new Date(lastModified),
      ...(versionId !== undefined && { VersionId: versionId }),
      Metadata: { ...(uploader !== undefined && { uploader }) },
    };
  }

  #versionOf(key: string, versionId: string): Version | undefined {
    return this.versionsOf(key).find((version) => version.versionId === versionId);
  }
}

/**
 * Of uploads to one key, the one that was started last becomes the current version, even if another is completed after it. Source: S3 user
 * guide, "Uploading and copying objects using multipart upload", concurrent operations. Without versions it leaves open which of them stays;
 * here it is the one that was completed last.
 */
function addInOrder(versions: Version[], version: Version): void {
  const before = versions.findLastIndex(({ startedAt }) => startedAt <= version.startedAt);
  versions.splice(before + 1, 0, version);
}

interface ContentParts {
  /** Of its content. @default one that no other object has */
  readonly eTag?: string | undefined;
  /** The metadata `x-amz-meta-uploader`. @default none */
  readonly uploader?: string | undefined;
}

export interface PutOptions extends ContentParts {
  readonly kind?: 'Put' | 'Post' | 'Copy';
}

/** What happens to one call: it is refused at last, or nobody answers. */
export type BucketFault = 'refused' | 'stalled';

interface VersionParts extends ContentParts {
  readonly isDeleteMarker?: boolean;
  readonly size?: number;
  readonly initiatedAt?: number;
}

function slowDown(): S3ServiceException {
  const $metadata = { httpStatusCode: 503 };
  return new S3ServiceException({ name: 'SlowDown', $fault: 'server', message: 'SlowDown', $metadata });
}

function methodNotAllowed(): S3ServiceException {
  const $metadata = { httpStatusCode: 405 };
  return new S3ServiceException({ name: 'MethodNotAllowed', $fault: 'client', message: 'MethodNotAllowed', $metadata });
}

function toBucketObject(
  { key, size, eTag, versionId, lastModified, isDeleteMarker }: Version,
  bucket: string,
): BucketObject {
  return {
    bucket,
    key,
    size,
    eTag,
    ...(versionId !== undefined && { versionId }),
    lastModified: new Date(lastModified).toISOString(),
    ...(isDeleteMarker && { isDeleteMarker }),
  };
}

async function* pagesOf<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < items.length; start += PAGE) yield items.slice(start, start + PAGE);
}

import { HeadObjectCommand, ListObjectsV2Command, NotFound, type S3Client } from '@aws-sdk/client-s3';
import { formEncoded } from '../../builders/s3-event.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** One version of an object, or a delete marker. */
export interface Version {
  readonly key: string;
  /** Absent in a bucket without versions. */
  readonly versionId?: string;
  readonly isDeleteMarker: boolean;
  readonly size: number;
  readonly eTag: string;
  /** Epoch milliseconds of the request that made it. */
  readonly createdAt: number;
  /** What a listing and a HEAD say: of a multipart upload, when it was initiated. */
  readonly lastModified: number;
  readonly sequencer: string;
}

/** One event as S3 makes it, before it is delivered. */
export interface S3Event {
  readonly eventName: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly version: Version;
  readonly principalId: string;
}

export interface BucketOptions {
  readonly name: string;
  readonly isVersioned: boolean;
  readonly clock: VirtualClock;
  readonly onEvent: (event: S3Event, body: string) => void;
}

/** Objects of one page of a listing. */
const LISTED = 1_000;

/**
 * A bucket that keeps S3's rules for versions, delete markers and events. The source of each rule is the S3 user guide: "How S3
 * Versioning works", "Event notification types and destinations", and recorded events for the sequencers of expirations and restores.
 */
export class SimulatedBucket {
  readonly name: string;
  readonly #options: BucketOptions;
  /** Of each key, oldest first. */
  readonly #versions = new Map<string, Version[]>();
  #made = 0;

  constructor(options: BucketOptions) {
    this.name = options.name;
    this.#options = options;
  }

  put(key: string, size: number, principalId: string, kind: 'Put' | 'Post' | 'Copy' = 'Put'): Version {
    return this.#create(key, size, principalId, `ObjectCreated:${kind}`);
  }

  /** @param initiatedAt Epoch milliseconds: what S3 calls the object's last modification ever after. */
  completeMultipart(key: string, size: number, principalId: string, initiatedAt: number): Version {
    return this.#create(key, size, principalId, 'ObjectCreated:CompleteMultipartUpload', initiatedAt);
  }

  /** A delete by request without a version: removes the object, or hides it behind a marker. */
  delete(key: string, principalId: string): void {
    const versions = this.#versions.get(key) ?? [];
    if (this.#options.isVersioned) {
      const marker = this.#version(key, { isDeleteMarker: true, size: 0 });
      this.#versions.set(key, [...versions, marker]);
      this.#tell('ObjectRemoved:DeleteMarkerCreated', marker, principalId);
      return;
    }
    const [object] = versions;
    if (object === undefined) return;
    this.#versions.delete(key);
    this.#tell('ObjectRemoved:Delete', { ...object, sequencer: this.#sequencer() }, principalId);
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
    if (!this.#options.isVersioned) {
      this.#remove(current);
      this.#tell('LifecycleExpiration:Delete', current, 's3.amazonaws.com');
      return;
    }
    const marker = this.#version(key, { isDeleteMarker: true, size: 0 });
    this.#versions.get(key)?.push(marker);
    this.#tell('LifecycleExpiration:DeleteMarkerCreated', marker, 's3.amazonaws.com');
  }

  /** What a lifecycle rule does to a version that is no longer current. */
  expireVersion(version: Version): void {
    if (this.#remove(version)) this.#tell('LifecycleExpiration:Delete', version, 's3.amazonaws.com');
  }

  /** A copy from the archive is there, and later gone. Both events carry the sequencer of the object's creation. */
  restore(key: string, stage: 'Post' | 'Completed' | 'Delete'): void {
    const current = this.current(key);
    if (current !== undefined) this.#tell(`ObjectRestore:${stage}`, current, 's3.amazonaws.com');
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

  /** The port of backfill and reconcile. */
  get client(): Pick<S3Client, 'send'> {
    const send = async (command: { readonly input: object }) => {
      await this.#options.clock.sleep(20);
      if (command instanceof ListObjectsV2Command) return this.#list(command.input);
      if (command instanceof HeadObjectCommand) return this.#head(command.input.Key ?? '');
      throw new TypeError(`The simulated bucket knows no ${command.constructor.name}.`);
    };
    return { send } as unknown as Pick<S3Client, 'send'>;
  }

  #create(key: string, size: number, principalId: string, eventName: string, initiatedAt?: number): Version {
    const version = this.#version(key, { isDeleteMarker: false, size, initiatedAt });
    const before = this.#options.isVersioned ? (this.#versions.get(key) ?? []) : [];
    this.#versions.set(key, [...before, version]);
    this.#tell(eventName, version, principalId);
    return version;
  }

  #version(
    key: string,
    { isDeleteMarker, size, initiatedAt }: { isDeleteMarker: boolean; size: number; initiatedAt?: number | undefined },
  ): Version {
    const now = this.#options.clock.now();
    const sequencer = this.#sequencer();
    return {
      key,
      ...(this.#options.isVersioned && { versionId: `v${this.#made}` }),
      isDeleteMarker,
      size,
      // S3 marks the eTag of a multipart upload with the number of its parts.
      eTag: `${(this.#made * 2_654_435_761).toString(16).padStart(32, '0')}${initiatedAt === undefined ? '' : '-2'}`,
      createdAt: now,
      // S3 counts modifications in whole seconds.
      lastModified: Math.floor((initiatedAt ?? now) / 1000) * 1000,
      sequencer,
    };
  }

  /** The first ten digits are the second of the request. */
  #sequencer(): string {
    this.#made += 1;
    const seconds = Math.floor(this.#options.clock.now() / 1000);
    return (seconds.toString(16).padStart(10, '0') + this.#made.toString(16).padStart(8, '0')).toUpperCase();
  }

  #remove(version: Version): boolean {
    const versions = this.#versions.get(version.key) ?? [];
    const left = versions.filter(({ sequencer }) => sequencer !== version.sequencer);
    if (left.length === versions.length) return false;
    if (left.length === 0) this.#versions.delete(version.key);
    else this.#versions.set(version.key, left);
    return true;
  }

  #tell(eventName: string, version: Version, principalId: string): void {
    const event = { eventName, at: this.#options.clock.now(), version, principalId };
    this.#options.onEvent(event, this.#body(event));
  }

  #body({ eventName, at, version, principalId }: S3Event): string {
    const hasContent = eventName.startsWith('ObjectCreated') || eventName.startsWith('ObjectRestore');
    const { key, versionId, size, eTag, sequencer } = version;
    const object = {
      key: formEncoded(key),
      ...(hasContent && { size, eTag }),
      ...(versionId !== undefined && { versionId }),
      sequencer,
    };
    const record = {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: new Date(at).toISOString(),
      eventName,
      userIdentity: { principalId },
      requestParameters: { sourceIPAddress: '203.0.113.7' },
      responseElements: { 'x-amz-request-id': `R${sequencer}` },
      s3: { s3SchemaVersion: '1.0', bucket: { name: this.name }, object },
    };
    return JSON.stringify({ Records: [record] });
  }

  #list({ Prefix = '', StartAfter = '', ContinuationToken }: ListObjectsV2Command['input']): object {
    const after = ContinuationToken ?? StartAfter;
    const keys = [...this.#versions.keys()]
      .filter((key) => key.startsWith(Prefix) && key > after && this.current(key) !== undefined)
      .sort();
    const page = keys.slice(0, LISTED);
    const Contents = page.map((key) => {
      const { size: Size, eTag, lastModified } = this.current(key) as Version;
      return { Key: formEncoded(key), Size, ETag: `"${eTag}"`, LastModified: new Date(lastModified) };
    });
    const isTruncated = keys.length > page.length;
    return { Contents, IsTruncated: isTruncated, ...(isTruncated && { NextContinuationToken: page.at(-1) }) };
  }

  #head(key: string): object {
    const current = this.current(key);
    if (current === undefined) throw new NotFound({ message: 'Not Found', $metadata: { httpStatusCode: 404 } });
    const { size, eTag, lastModified, versionId } = current;
    return {
      ContentLength: size,
      ETag: `"${eTag}"`,
      LastModified: new Date(lastModified),
      ...(versionId !== undefined && { VersionId: versionId }),
      Metadata: {},
    };
  }
}

export interface EventBridgeParts {
  /** As it stands in the event. Default: `photos/cat.jpg`. */
  readonly key?: unknown;
  readonly detailType?: string;
  readonly time?: unknown;
  /** Merged into `detail`; a value of undefined takes the field away. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Merged into `detail.object`. */
  readonly object?: Readonly<Record<string, unknown>>;
}

/** The body of an S3 event that came through EventBridge, for a put. */
export function eventBridgeMessage(parts: EventBridgeParts = {}): string {
  return JSON.stringify({
    version: '0',
    'detail-type': parts.detailType ?? 'Object Created',
    source: 'aws.s3',
    time: 'time' in parts ? parts.time : '2026-11-22T10:15:30Z',
    region: 'eu-central-1',
    detail: {
      'event-version': '1.1',
      bucket: { name: 'acme-uploads' },
      object: { key: 'key' in parts ? parts.key : 'photos/cat.jpg', sequencer: '0067b2f0a41c5d3e', ...parts.object },
      requester: '111122223333',
      reason: 'PutObject',
      ...parts.detail,
    },
  });
}

import type { ObjectChange } from '../../../src/local/s3/notification.ts';
import type { ObjectChangeSource } from '../../../src/local/s3/object-watch.ts';
import type { QueueMessage } from '../../../src/local/servers/queue-access.ts';

/** A change, showing only what matters to the case. */
export function objectChange(some: Partial<ObjectChange> = {}): ObjectChange {
  return {
    bucket: 'uploads',
    key: 'k',
    kind: 'Put',
    size: 4,
    eTag: 'd41d8cd98f00b204e9800998ecf8427e',
    eventTime: '2026-11-22T10:20:30.456Z',
    sequencer: '0001A2041068CC0000',
    principalId: 'AWS:AROALOCALSTACKROLE000:alice',
    sourceIp: '127.0.0.1',
    requestId: '36D1CAFAC9B9BABA',
    ...some,
  };
}

/** A source of changes that the test makes itself. */
export function changeSource(): ObjectChangeSource & { change(some?: Partial<ObjectChange>): void; listeners: number } {
  const listeners = new Set<(change: ObjectChange) => void>();
  return {
    onObjectChange: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    change: (some) => {
      for (const changed of listeners) changed(objectChange(some));
    },
    get listeners() {
      return listeners.size;
    },
  };
}

/** A queue that remembers what it was sent, batch by batch. */
export function recordingQueue() {
  const batches: Array<{ queueUrl: string; messages: readonly QueueMessage[] }> = [];
  return {
    batches,
    send: async (queueUrl: string, messages: readonly QueueMessage[]) => {
      batches.push({ queueUrl, messages });
    },
    messages: () => batches.flatMap(({ messages }) => messages),
    bodies: () => batches.flatMap(({ messages }) => messages.map(({ body }) => body)),
  };
}

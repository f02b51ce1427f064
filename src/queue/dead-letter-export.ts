import type { DeadLetter } from './dead-letter.ts';

/** A dead letter as it stands in an export: everything needed to look at it later or to send it again. */
export interface ExportedLetter {
  readonly id: string;
  readonly reason: string;
  readonly detail?: string;
  readonly original_message_id?: string;
  /** ISO 8601 UTC. */
  readonly sent_at?: string;
  readonly receives: number;
  readonly attributes: Readonly<
    Record<string, { readonly type: string; readonly text?: string; readonly base64?: string }>
  >;
  readonly body: string;
}

export function toExport({ id, reason, detail, originalMessageId, sentAt, receives, attributes, body }: DeadLetter) {
  const exported: ExportedLetter = {
    id,
    reason,
    ...(detail !== undefined && { detail }),
    ...(originalMessageId !== undefined && { original_message_id: originalMessageId }),
    ...(sentAt !== undefined && { sent_at: sentAt }),
    receives,
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType: type = '', StringValue: text, BinaryValue: bytes }]) => [
        name,
        {
          type,
          ...(text !== undefined && { text }),
          ...(bytes !== undefined && { base64: Buffer.from(bytes).toString('base64') }),
        },
      ]),
    ),
    body,
  };
  return exported;
}

import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { OtherItem } from '../../src/ledger/item.ts';
import { toItem } from '../../src/ledger/item.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';

/** One record of the table's stream. @param place Its sequence number follows from it. */
export function streamRecord(
  item: LedgerRecord | OtherItem,
  place: number,
  eventName: DynamoDBRecord['eventName'] = 'INSERT',
): DynamoDBRecord {
  const image = toItem(item) as NonNullable<DynamoDBRecord['dynamodb']>['NewImage'] & object;
  return {
    eventID: `id-${place}`,
    eventName,
    eventSource: 'aws:dynamodb',
    dynamodb: {
      SequenceNumber: sequenceNumber(place),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      ...(eventName === 'REMOVE' ? { OldImage: image } : { NewImage: image }),
      ...(eventName === 'MODIFY' && { OldImage: image }),
    },
  };
}

export function sequenceNumber(place: number): string {
  return String(4_421_584_500_000_000_017_450_439_091n + BigInt(place));
}

export function streamEvent(...Records: DynamoDBRecord[]): DynamoDBStreamEvent {
  return { Records };
}

import { describe, expect, it } from 'vitest';
import { PutQueue, toPendingPut } from '../../../src/ledger/write/put-queue.ts';
import { ledgerRecord } from '../records.ts';

const put = () => toPendingPut(ledgerRecord(), '');

describe('PutQueue', () => {
  it('fills a call up with leftovers, never past 25 puts', () => {
    const queue = new PutQueue();
    for (let index = 0; index < 20; index++) queue.add(put());
    for (let index = 0; index < 10; index++) queue.addLeftover(put());
    expect(queue.takeCall()).toHaveLength(25);
    expect(queue.leftovers).toBe(5);
    expect(queue.takeCall()).toBeUndefined();
  });
});

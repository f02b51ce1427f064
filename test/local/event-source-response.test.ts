import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeResponse } from '../../src/local/event-source-response.ts';

const IDS = new Set(['a', 'b', 'c']);
const failuresOf = (payload: string) => [...judgeResponse(payload, IDS).failed];

describe('a response that reports batch item failures', () => {
  it.each([
    ['an empty list', '{"batchItemFailures":[]}'],
    ['a null list', '{"batchItemFailures":null}'],
    ['no list', '{}'],
    ['other fields', '{"batchItemFailure":[{"itemIdentifier":"a"}]}'],
    ['null', 'null'],
    ['nothing', ''],
  ])('is a complete success when it holds %s', (_, payload) => {
    expect(judgeResponse(payload, IDS)).toEqual({ failed: new Set() });
  });

  it('leaves the messages that it names, each once', () => {
    const payload = '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"},{"itemIdentifier":"a"}]}';
    expect(failuresOf(payload)).toEqual(['b', 'a']);
  });

  it.each([
    ['is not JSON', '{"batchItemFailures":['],
    ['is a text', '"ok"'],
    ['is a list', '[]'],
    ['is a number', '1'],
    ['holds a text for the list', '{"batchItemFailures":"a"}'],
    ['holds an object for the list', '{"batchItemFailures":{}}'],
    ['names an empty identifier', '{"batchItemFailures":[{"itemIdentifier":""}]}'],
    ['names a null identifier', '{"batchItemFailures":[{"itemIdentifier":null}]}'],
    ['names an unknown identifier', '{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}'],
    ['misspells the identifier', '{"batchItemFailures":[{"itemidentifier":"a"}]}'],
    ['names the identifier as a text', '{"batchItemFailures":["a"]}'],
    ['holds null entries', '{"batchItemFailures":[null]}'],
  ])('is a complete failure when it %s', (_, payload) => {
    const verdict = judgeResponse(payload, IDS);
    expect([...verdict.failed]).toEqual(['a', 'b', 'c']);
    expect(verdict.fault).toEqual(expect.any(String));
  });

  it('never leaves a message that is not in the batch, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (payload) => {
        for (const id of judgeResponse(payload, IDS).failed) expect(IDS).toContain(id);
      }),
      { seed: 7 },
    );
  });
});

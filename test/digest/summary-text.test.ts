import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnreadableSummaryError } from '../../src/digest/digest-errors.ts';
import { parseSummaryText, toSummaryText } from '../../src/digest/summary-text.ts';
import { SEED } from '../builders/arbitraries.ts';
import { summaries } from './arbitraries.ts';

describe('a summary as text', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(summaries(), (summary) => {
        expect(parseSummaryText(toSummaryText(summary))).toStrictEqual(summary);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it.each(['', '{}', 'null', '3', '{"v":2}', '{"v":1', '[]'])('is refused when it is %j', (text) => {
    expect(() => parseSummaryText(text)).toThrow(UnreadableSummaryError);
  });

  it('says what came instead, and keeps the cause', () => {
    expect(() => parseSummaryText('null')).toThrow('got version undefined: deploy');
    expect(() => parseSummaryText('<html>')).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('got text that is not JSON (6 characters): deploy'),
        cause: expect.any(SyntaxError),
      }),
    );
  });

  it('says which version came, so that a roll-back can be recognised', () => {
    expect(() => parseSummaryText('{"v":2,"uploads":[1,2]}')).toThrow(/version 1, got version 2: deploy/);
  });
});

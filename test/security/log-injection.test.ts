import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../../src/consumer/telemetry.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { sqsMessage } from '../builders/sqs-message.ts';
import { printedLines } from '../consumer/printed-lines.ts';

const FORGED = '\r\n{"level":"ERROR","message":"forged"}\n\u2028\u001b[2J';

describe('a log of untrusted messages', () => {
  it('has one line of JSON for each, with its own level and message', () => {
    // Each line is parsed as it is printed: one that is not JSON fails here.
    const lines = printedLines();
    const telemetry = createTelemetry({ serviceName: 'UploadLedger/Uploads', bucketNames: [], clock: systemClock });
    let messages = 0;
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => text + FORGED),
      fc.constant(FORGED),
    );
    fc.assert(
      fc.property(body, fc.string({ unit: 'binary' }), (text, detail) => {
        telemetry.quarantined(sqsMessage({ body: text }), { reason: 'not-json', detail: detail + FORGED });
        messages += 1;
      }),
      { seed: 11, numRuns: 500 },
    );
    expect(lines).toHaveLength(messages);
    for (const line of lines) expect(line).toMatchObject({ level: 'WARN', message: 'Message moved to quarantine' });
  });

  it('never repeats more of a body than its first 200 characters', () => {
    const lines = printedLines();
    const telemetry = createTelemetry({ serviceName: 'UploadLedger/Uploads', bucketNames: [], clock: systemClock });
    telemetry.quarantined(sqsMessage({ body: `${'x'.repeat(200)}secret` }), { reason: 'not-json', detail: 'no JSON' });
    expect(lines[0]?.body).toHaveLength(200);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

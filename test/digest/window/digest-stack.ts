import type { DigestSettings } from '../../../src/contract/email-settings.ts';
import type { Digest } from '../../../src/digest/email/digest-email.ts';
import { isEmptySummary } from '../../../src/digest/summary/batch-summary.ts';
import { type BatchFacts, summarise } from '../../../src/digest/summary/summarise.ts';
import { putSummary } from '../../../src/digest/summary/summary-store.ts';
import {
  type DueDigest,
  handleTick,
  type TickOptions,
  type TickOutcome,
} from '../../../src/digest/window/handle-tick.ts';
import { Watermark } from '../../../src/digest/window/watermark.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { DAY_MS } from '../../../src/shared/time.ts';
import { digestSettings } from '../../builders/email-settings.ts';
import { type DynamoDBServer, TABLE_NAME } from '../../ledger/dynamodb-server.ts';

/** A function's timeout of 30 s, and 5 s for clocks that differ. */
export const LONGEST_INVOCATION_MS = 35_000;

let stacks = 0;

/** Batches and ticks of one stack, with a clock that only tests move, and an inbox of what is sent. */
export class DigestStack {
  /** Epoch milliseconds. Far from any other stack's in the same table. */
  time: number;
  readonly sent: Digest[] = [];
  /** What sending does besides reaching the inbox. Default: nothing. */
  sending: (digest: Digest) => Promise<void> = async () => undefined;
  readonly #server: DynamoDBServer;
  readonly name: string;
  #invocations = 0;

  constructor(server: DynamoDBServer) {
    stacks += 1;
    this.#server = server;
    this.name = `daily-${stacks}`;
    this.time = Date.parse('2000-01-01T12:00:00.000Z') + stacks * 100 * DAY_MS;
  }

  get now(): string {
    return new Date(this.time).toISOString();
  }

  /** A batch that stores these records; `now`, when given, is the time that its summary is stamped with. */
  async batch(records: readonly LedgerRecord[], facts: Partial<BatchFacts> = {}): Promise<void> {
    this.#invocations += 1;
    const summary = summarise(records, { failed: 0, quarantined: 0, heldBack: [], now: this.time, ...facts });
    if (isEmptySummary(summary)) return;
    const stamp = {
      time: new Date(facts.now ?? this.time).toISOString(),
      requestId: `request-${this.#invocations}`,
    };
    await putSummary(summary, { ...this.#options(), stamp });
  }

  /** A tick that is due now unless it says otherwise. */
  tick(parts: Parameters<typeof digestTick>[0] = {}, options: Partial<TickOptions> = {}): Promise<TickOutcome> {
    const tick = digestTick({ scheduledTime: this.now, ...parts, digest: { name: this.name, ...parts.digest } });
    return handleTick(tick, { ...this.#options(), ...options });
  }

  async watermark(): Promise<string | undefined> {
    return (await new Watermark({ ...this.#options(), digestName: this.name }).read())?.until;
  }

  #options() {
    this.#invocations += 1;
    return {
      client: this.#server.client,
      tableName: TABLE_NAME,
      clock: { ...systemClock, now: () => this.time, random: () => 0 },
      deadline: this.time + 30_000,
      longestInvocationMs: LONGEST_INVOCATION_MS,
      owner: `try-${this.#invocations}`,
      sendDigest: async (digest: Digest) => {
        await this.sending(digest);
        this.sent.push(digest);
      },
    };
  }
}

/** The tick of a digest called `daily` to one recipient. */
export function digestTick(
  parts: Partial<Omit<DueDigest, 'digest'>> & { digest?: Partial<DigestSettings> },
): DueDigest {
  return { scheduledTime: '2026-11-22T10:15:00.000Z', ...parts, digest: digestSettings('daily', parts.digest) };
}

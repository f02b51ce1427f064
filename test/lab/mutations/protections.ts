/** One protection, and how the code reads without it. */
export interface Protection {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once: where it does not, this list is out of date. */
  readonly find: string;
  readonly replace: string;
  /** Test files of which one must fail without it. */
  readonly tests: readonly string[];
  /** Whether the chaos run must fail too; where not, why it cannot. */
  readonly chaos: true | { readonly blind: string };
}

const INTERLEAVING = 'test/properties/any-interleaving.test.ts';

const WITHOUT_METADATA = 'its stack reads no metadata';

const WITHOUT_LATE_MESSAGES = 'it reconciles at the end, when no message is on its way';

/** What the guarantees rest on. */
export const PROTECTIONS: readonly Protection[] = [
  {
    name: 'the key is made of the event alone',
    file: 'src/ledger/record-key.ts',
    find: 'const padded = paddedSequencer(sequencer);',
    replace: 'const padded = paddedSequencer(sequencer) + Math.random();',
    tests: [INTERLEAVING],
    chaos: true,
  },
  {
    name: 'an expiry or restore has a key of its own',
    file: 'src/ledger/record-key.ts',
    find: 'return isByRequest(eventName) ? padded',
    replace: 'return isByRequest(eventName) || sequencer !== undefined ? padded',
    tests: ['test/properties/expiries-and-restores.test.ts'],
    chaos: true,
  },
  {
    name: 'the deletion of a version is not that of the object',
    file: 'src/ledger/current-state.ts',
    find: 'if (removesOneVersion(record)) this.#removed.add(version);',
    replace: 'if (removesOneVersion(record)) return { exists: false, record };',
    tests: ['test/properties/object-versions.test.ts'],
    chaos: { blind: 'it uploads to a bucket without versions' },
  },
  {
    name: 'an expiry comes after its creation, also of the same time',
    file: 'src/ledger/read/history.ts',
    find: 'return mergeInOrder(sources, order, compareEvents);',
    replace: 'return mergeInOrder(sources, order);',
    tests: ['test/ledger/read/history.test.ts'],
    chaos: { blind: 'it compares records, and reads no history' },
  },
  {
    name: 'what comes back unprocessed is sent again',
    file: 'src/ledger/write/writer.ts',
    find: 'for (const put of stored) this.#settle(put, put.resolve);',
    replace: 'for (const put of [...stored, ...unprocessed.splice(0)]) this.#settle(put, put.resolve);',
    tests: [INTERLEAVING],
    chaos: true,
  },
  {
    name: 'an answer that does not say what was stored stores nothing',
    file: 'src/ledger/write/batch-write.ts',
    find: 'if (UnprocessedItems === undefined) {',
    replace: 'if (UnprocessedItems === undefined) return [];\n    if (UnprocessedItems === null) {',
    tests: ['test/ledger/write/writer-dynamodb.test.ts', 'test/ledger/write/writer-reference.test.ts'],
    chaos: { blind: 'no emulator answers like that' },
  },
  {
    name: 'a key goes once into a call',
    file: 'src/ledger/write/writer.ts',
    find: 'if (known !== undefined) {',
    replace: 'if (known !== undefined && keyText.length === 0) {',
    tests: [INTERLEAVING],
    chaos: { blind: 'the spoilt call is halved until each half stands alone: it costs calls, not records' },
  },
  {
    name: 'a batch that fails as a whole is answered like any other',
    file: 'src/consumer/handle-batch.ts',
    find: 'throwOnFullBatchFailure: false',
    replace: 'throwOnFullBatchFailure: true',
    tests: [INTERLEAVING],
    chaos: {
      blind: 'an invocation that throws gives every message back, which loses nothing; only quarantined copies double',
    },
  },
  {
    name: 'a message that cannot be quarantined fails',
    file: 'src/consumer/handle-batch.ts',
    find: 'await tools.quarantine(message, cause, outOfTime);',
    replace: 'await tools.quarantine(message, cause, outOfTime).catch(() => undefined);',
    tests: [INTERLEAVING],
    chaos: true,
  },
  {
    name: 'the watermark moves after the email is sent',
    file: 'src/digest/window/handle-tick.ts',
    find: 'await sendOrRelease(watermark, digest, tick.digest, options);',
    replace:
      'await retry(() => watermark.move(covered, period), { clock, deadline });\n' +
      '  await sendOrRelease(watermark, digest, tick.digest, options);',
    tests: ['test/digest/window/handle-tick.test.ts', 'test/digest/window/every-minute-once.test.ts'],
    chaos: true,
  },
  {
    name: 'a batch whose summary is not stored comes back',
    file: 'src/consumer/finish-with-email.ts',
    find: 'return { outcome: toOutcomeWithoutSummary(event, outcome, error), claimed: NO_ALERTS };',
    replace: 'return { outcome, claimed: NO_ALERTS };',
    tests: ['test/consumer/finish-with-email.test.ts'],
    chaos: true,
  },
  {
    name: 'a summary that went with its records tells of exactly what was stored, or is replaced',
    file: 'src/digest/summary/summary-store.ts',
    find: 'if (isStored ? !this.#toldOf(records) : records.length > 0) {',
    replace: 'if (!isStored && records.length > 0) {',
    tests: ['test/digest/summary/batch-summary-writer.test.ts'],
    chaos: { blind: 'it allows for as many uploads as were delivered, which those that failed are again' },
  },
  {
    name: 'a summary that did not go with its records is stored',
    file: 'src/digest/summary/summary-store.ts',
    find: 'const isStored = (await this.#sent?.isStored) === true;',
    replace: 'const isStored = this.#sent !== undefined;',
    tests: ['test/digest/summary/batch-summary-writer.test.ts'],
    chaos: true,
  },
  {
    name: 'what failed is told apart from what was stored',
    file: 'src/digest/summary/summary-store.ts',
    find: 'stamp: { ...this.#stamp, isSecond: true }',
    replace: 'stamp: this.#stamp',
    tests: ['test/digest/summary/batch-summary-writer.test.ts'],
    chaos: true,
  },
  {
    name: 'one alert email a minute is reserved for each rule',
    file: 'src/digest/alerts/claim-alerts.ts',
    find: '(claims.get(rule.name) ?? 1) > 1',
    replace: '(claims.get(rule.name) ?? 1) > 0',
    tests: ['test/consumer/close-batch.test.ts'],
    chaos: { blind: 'its alerts are far below the bound' },
  },
  {
    name: 'a digest ends before what may still be stored',
    file: 'src/digest/window/handle-tick.ts',
    find: 'Math.min(Date.parse(tick.scheduledTime), now) - longestInvocationMs',
    replace: 'Math.min(Date.parse(tick.scheduledTime), now)',
    tests: ['test/digest/window/handle-tick.test.ts'],
    chaos: true,
  },
  {
    name: 'a digest waits for uploads no longer than its summaries are kept',
    file: 'src/digest/window/handle-tick.ts',
    find: '>= digest.maxWaitDays * DAY_MS',
    replace: '>= 100 * digest.maxWaitDays * DAY_MS',
    tests: ['test/digest/window/handle-tick.test.ts'],
    chaos: { blind: 'its digests wait for no uploads' },
  },
  {
    name: 'metrics of uploads count uploads alone',
    file: 'src/consumer/metrics.ts',
    find: "if (one.record.status !== 'uploaded') continue;",
    replace: '',
    tests: ['test/consumer/metrics.test.ts'],
    chaos: { blind: 'it allows for as many uploads as were delivered again, which can be more than its deletes' },
  },
  {
    name: 'metadata count only for the upload that they belong to',
    file: 'src/consumer/metadata-lookup.ts',
    find: 'secondOf(lastModified) === secondOf(Date.parse(event.eventTime))',
    replace: 'secondOf(lastModified) >= 0',
    tests: ['test/consumer/metadata-lookup.test.ts'],
    chaos: { blind: WITHOUT_METADATA },
  },
  {
    name: 'an uncertain look-up replaces no better record',
    file: 'src/ledger/write/put-unless-better.ts',
    find: 'uploader_source <> :better',
    replace: 'uploader_source <> :better OR uploader_source = :better',
    tests: ['test/ledger/write/put-unless-better.test.ts'],
    chaos: { blind: WITHOUT_METADATA },
  },
  {
    name: 'the reason of a dead letter is that of the last time',
    file: 'src/dead-letters/dead-letter.ts',
    find: 'if (Attributes.DeadLetterQueueSourceArn) return',
    replace: "if (Attributes.DeadLetterQueueSourceArn === '') return",
    tests: ['test/dead-letters/dead-letter.test.ts'],
    chaos: { blind: 'its local queues do not tell whether SQS moved a message' },
  },
  {
    name: 'the record that a notification supersedes is deleted',
    file: 'src/ledger/reconcile/reconcile.ts',
    find: '  yield* settleSuperseded(superseded.end(), options, report);',
    replace: '  yield* settleSuperseded(superseded.end().slice(0, 0), options, report);',
    tests: ['test/properties/one-upload-one-record.test.ts'],
    chaos: { blind: WITHOUT_LATE_MESSAGES },
  },
  {
    name: 'a redrive deletes what it supersedes',
    file: 'src/dead-letters/redrive.ts',
    find: 'await this.#superseded.expect(batch.flatMap(({ records }) => records));',
    replace: 'await this.#superseded.expect(batch.flatMap(({ records }) => records.slice(0, 0)));',
    tests: ['test/properties/one-upload-one-record.test.ts', 'test/dead-letters/redrive.test.ts'],
    chaos: { blind: WITHOUT_LATE_MESSAGES },
  },
  {
    name: 'nothing is repaired of which a dead letter tells',
    file: 'src/ledger/reconcile/reconcile.ts',
    find: 'const isRepaired = options.repair && !isWaiting;',
    replace: 'const isRepaired = options.repair;',
    tests: ['test/cli/commands/bucket-commands.test.ts'],
    chaos: { blind: WITHOUT_LATE_MESSAGES },
  },
  {
    name: 'no grace rests on the time of an object made of parts',
    file: 'src/ledger/reconcile/bucket-object.ts',
    find: 'isMultipartETag(eTag) ? MAX_MULTIPART_MS : 0',
    replace: 'isMultipartETag(eTag) ? 0 : 0',
    tests: ['test/ledger/reconcile/bucket-object.test.ts'],
    chaos: { blind: WITHOUT_LATE_MESSAGES },
  },
  {
    name: 'nothing is missing that the stack does not record',
    file: 'src/ledger/reconcile/reconcile.ts',
    find: "if (coverage === 'excluded') {",
    replace: "if (coverage === 'excluded' && object.key === '') {",
    tests: ['test/cli/commands/bucket-commands.test.ts'],
    chaos: { blind: 'its stack records everything' },
  },
  {
    name: 'a message is tried for as long as an outage can last',
    file: 'infra/queues.ts',
    find: 'const receives = Math.ceil((configuration.retryHours * SECONDS_AN_HOUR)',
    replace: 'const receives = Math.ceil((configuration.retryHours * 60)',
    tests: ['test/infra/queues.test.ts'],
    chaos: { blind: 'its outages are short' },
  },
  {
    name: 'a dead letter is deleted only after its copy was taken',
    file: 'src/dead-letters/move.ts',
    find: 'await deleteMessages([...sent.keys()], from, held)',
    replace: 'await deleteMessages(deadLetters.map(({ id }) => id), from, held)',
    tests: ['test/dead-letters/redrive.test.ts'],
    chaos: { blind: 'the queue refuses no entry of a call' },
  },
  {
    name: 'no object is judged of which a message is on its way',
    file: 'src/cli/oldest-message.ts',
    find: 'return Math.max(oldestOf(since(span, last)), oldestOf(since(span, retried)));',
    replace: 'return oldestOf(since(span, last));',
    tests: ['test/cli/grace.test.ts'],
    chaos: { blind: WITHOUT_LATE_MESSAGES },
  },
  {
    name: 'an earlier version that is current again is found',
    file: 'src/ledger/reconcile/reconcile.ts',
    find: "  if (what === 'recorded') {",
    replace: "  if (what === 'recorded' && object.key === '') {",
    tests: ['test/ledger/reconcile/reconcile.test.ts'],
    chaos: { blind: 'its bucket has no versions' },
  },
  {
    name: 'the record of a lost upload comes after what was there before',
    file: 'src/ledger/reconcile/reverted-objects.ts',
    find: 'return isUnchanged ? placed',
    replace: "return isUnchanged && object.key === '' ? placed",
    tests: ['test/ledger/reconcile/reconcile.test.ts'],
    chaos: { blind: WITHOUT_LATE_MESSAGES },
  },
  {
    name: 'what could not be judged is not complete',
    file: 'src/ledger/reconcile/report.ts',
    find: 'return all === 0 ? undefined :',
    replace: 'return all === 0 ? 1 :',
    tests: ['test/cli/commands/bucket-commands.test.ts'],
    chaos: { blind: 'it always has something to judge' },
  },
];

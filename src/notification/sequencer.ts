/** Shortest that S3 writes: 16 digits (EventBridge's documented examples), 18 in most notifications. */
const SHORTEST = 16;

/**
 * Values that emulators copied from examples and write into every event. Taken as sequencers they would merge all
 * versions of an object into one record.
 */
const COPIED_FROM_EXAMPLES: ReadonlySet<string> = new Set([
  // The example in AWS's "Event message structure"; LocalStack's notifications.
  '0055AED6DCD90281E5',
  // The example in AWS's "EventBridge event message structure"; moto's EventBridge events.
  '617F08299329D189',
  // LocalStack's EventBridge events.
  '0062E99A88DC407460',
]);

/**
 * The sequencer in upper case, or undefined when the sender wrote none that can tell two events of one object apart:
 * not hexadecimal, too short to be S3's (MiniStack writes `0`), nothing but zeros, or {@link COPIED_FROM_EXAMPLES}.
 *
 * Never an error: a record without a sequencer gets its key from the event's time and version instead.
 */
export function sequencerFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length < SHORTEST || !/^[\da-f]+$/i.test(value)) return undefined;
  const sequencer = value.toUpperCase();
  return /^0+$/.test(sequencer) || COPIED_FROM_EXAMPLES.has(sequencer) ? undefined : sequencer;
}

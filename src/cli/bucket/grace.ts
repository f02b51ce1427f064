import { Option } from 'commander';
import { asArgument } from '../arguments/as-argument.ts';
import { parseDuration } from '../arguments/when.ts';

/** Time in which S3's notification of an object has come and been recorded, or failed; in milliseconds. Usually it takes seconds. */
const GRACE_ON_AWS = 15 * 60 * 1000;

/** `--grace`. */
export function graceOption(): Option {
  return new Option(
    '--grace <duration>',
    'leave objects alone that are younger: their notifications may be on their way (default: 15m; none on the local stack)',
  ).argParser(asArgument(parseDuration));
}

/** Milliseconds. The local stack's notifications come at once. */
export function graceOf({ grace }: { readonly grace?: number }, isLocal: boolean): number {
  return grace ?? (isLocal ? 0 : GRACE_ON_AWS);
}

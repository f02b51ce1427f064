import type { ConsumerBundleReport } from './consumer-bundle-report.ts';

/** Bytes of JavaScript that the consumer's bundle may hold. */
export const BUNDLE_BUDGET = {
  /** Read at every cold start, which costs its time. */
  startupBytes: 250_000,
  /** In all: what is loaded when first needed included, of which S3's client and email are the most. */
  totalBytes: 530_000,
} as const;

/** A sentence for each part of the budget that `report` breaks. */
export function budgetFaults({
  startupBytes,
  startupBytesByPackage,
  totalBytes,
}: ConsumerBundleReport): readonly string[] {
  const [largest] = startupBytesByPackage;
  const faults: string[] = [];
  if (startupBytes > BUNDLE_BUDGET.startupBytes) {
    faults.push(
      `Expected at most ${BUNDLE_BUDGET.startupBytes} bytes read at start, got ${startupBytes}, most of them from ${largest?.packageName}. ` +
        'Load what the first batch does not need when it is first needed.',
    );
  }
  if (totalBytes > BUNDLE_BUDGET.totalBytes) {
    faults.push(`Expected a bundle of at most ${BUNDLE_BUDGET.totalBytes} bytes, got ${totalBytes}.`);
  }
  return faults;
}

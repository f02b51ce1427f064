import type { ConsumerBundleReport } from './consumer-bundle-report.ts';

/** Packages with fewer bytes are told together. */
const LEAST_BYTES = 1_000;

/** The report as a table for people. */
export function renderBundleReport(report: ConsumerBundleReport): string {
  const { startupBytes, startupBytesByPackage, lazyFiles, totalBytes } = report;
  const large = startupBytesByPackage.filter(({ bytes }) => bytes >= LEAST_BYTES);
  const rest = startupBytesByPackage.filter(({ bytes }) => bytes < LEAST_BYTES);
  const restBytes = rest.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = [
    line('Read at start', startupBytes),
    ...large.map(({ packageName, bytes }) => line(`  ${packageName}`, bytes)),
    ...(rest.length > 0 ? [line(`  ${rest.length} others`, restBytes)] : []),
    line('Loaded when first needed', totalBytes - startupBytes),
    ...lazyFiles.map(({ file, holds, bytes }) => line(`  ${file} (${holds})`, bytes)),
    line('In all', totalBytes),
  ];
  return `${lines.join('\n')}\n`;
}

function line(what: string, bytes: number): string {
  return `${what.padEnd(64)}${bytes.toLocaleString('en').padStart(9)} bytes`;
}

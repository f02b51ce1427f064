import type { LedgerReader } from '../ledger/read/reader.ts';
import { visibleText } from '../shared/text.ts';
import type { ConnectionOptions, OpenLedger } from './connection.ts';
import type { CliContext } from './context.ts';
import { paint } from './output/output.ts';

/**
 * Finds the ledger, lets `use` read it, and closes it. An item that should be a record and is none is left out, and told at the end: one
 * such item must not hide all others.
 */
export async function withReader(
  context: CliContext,
  options: ConnectionOptions,
  use: (reader: LedgerReader, ledger: OpenLedger) => Promise<void>,
): Promise<void> {
  const { stderr } = context;
  const ledger = await context.connect(options);
  try {
    await sayWhich(ledger, options, context);
    const faults: string[] = [];
    let count = 0;
    const onUnreadable = (error: Error) => {
      count += 1;
      if (faults.length === 0) faults.push(error.message);
    };
    const { ledgerReader } = await import('../ledger/read/reader.ts');
    const { tableName, indexShards } = ledger.resources;
    await use(ledgerReader({ client: await ledger.clients.dynamodb(), tableName, indexShards, onUnreadable }), ledger);
    if (count > 0)
      await stderr.line(`Left out ${count} that could not be read; the first: ${visibleText(faults.join())}`);
  } finally {
    ledger.clients.destroy();
  }
}

/** Nobody should take the local stack's records for those of production. */
export async function sayWhich(
  { isLocal }: OpenLedger,
  options: ConnectionOptions,
  { stderr }: CliContext,
): Promise<void> {
  if (!isLocal || options.local || !stderr.isTerminal) return;
  const note = 'From the local stack that runs here; --stack NAME reads one on AWS.';
  await stderr.line(paint(note, 'dim', stderr.hasColour));
}

import type { FoundSettings } from '../ledger/reconcile/found-record.ts';
import type { RecordSource } from '../ledger/record.ts';
import { parseKeyTemplate } from '../shared/key-template.ts';
import type { LedgerResources } from './ledger-resources.ts';

/** The settings with which the stack's function writes records: what is written here reads alike. */
export function foundSettings(resources: LedgerResources, source: RecordSource): FoundSettings {
  const { indexShards, uploaderKeyTemplate: template, retentionDays } = resources;
  return {
    uploads: template === undefined ? {} : { uploaderKeyTemplate: parseKeyTemplate(template) },
    records: { indexShards, source, ...(retentionDays !== undefined && { retentionDays }) },
  };
}

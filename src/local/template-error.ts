import { UploadLedgerError } from '../shared/errors.ts';

/**
 * The template says something that the local stack cannot act on. Leaving it out in silence would make what runs here another
 * system than what is deployed.
 */
export class TemplateError extends UploadLedgerError {
  override readonly name = 'TemplateError';
  /** The resource or output that says it. */
  readonly logicalId: string;

  constructor(logicalId: string, message: string) {
    super('template-not-understood', `${logicalId}: ${message}`);
    this.logicalId = logicalId;
  }
}

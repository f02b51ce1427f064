import path from 'node:path';
import type { TemplateResource } from '../estimate/stack-facts.ts';
import { checkoutDirectory, needCheckout } from './checkout.ts';
import type { ConnectionOptions } from './connection.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './usage-error.ts';

/** Which template is meant. */
export interface TemplateOptions extends ConnectionOptions {
  /** Settings over those of cdk.json. Default none. */
  readonly context?: Readonly<Record<string, string>>;
}

type Resources = Readonly<Record<string, TemplateResource>>;

/**
 * The resources of the stack as this checkout would deploy it, in the default way and with `context` over cdk.json. Synthesized only after a
 * change.
 *
 * @throws UploadLedgerError `synth-failed` with every fault of the settings; UsageError where there is no checkout.
 */
export async function synthesizedResources(
  { context = {} }: TemplateOptions,
  { stderr }: CliContext,
): Promise<Resources> {
  needCheckout('estimate" without "--stack');
  const { ensureAssembly } = await import('../local/assembly.ts');
  const slow = setTimeout(() => void stderr.line('Synthesizing the stack (only after a change) ...'), 500);
  try {
    const outputDirectory = path.join(checkoutDirectory(), '.cache', 'assembly-estimate');
    const { readTemplateDocument } = await import('../local/template/document.ts');
    const { resources } = readTemplateDocument(await ensureAssembly({ outputDirectory, context }));
    const declared = Array.from(resources, ([id, { type: Type, properties: Properties }]) => [
      id,
      { Type, Properties },
    ]);
    return Object.fromEntries(declared);
  } finally {
    clearTimeout(slow);
  }
}

/** The resources of the template that a stack was deployed with. @throws UsageError when it is none of the CDK's. */
export async function deployedResources(options: ConnectionOptions, context: CliContext): Promise<Resources> {
  const ledger = await context.connect(options);
  try {
    const { GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
    const client = await ledger.clients.cloudformation();
    const { TemplateBody = '' } = await client.send(
      new GetTemplateCommand({ StackName: ledger.stackName, TemplateStage: 'Processed' }),
      { abortSignal: context.signal },
    );
    return resourcesOf(TemplateBody);
  } finally {
    ledger.clients.destroy();
  }
}

function resourcesOf(template: string): Resources {
  try {
    return JSON.parse(template).Resources;
  } catch {
    throw new UsageError('the stack is no upload-ledger stack: its template is no JSON, as the CDK writes it');
  }
}

import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { ListedDigest } from '../../contract/outputs.ts';
import { visibleText } from '../../shared/text.ts';
import { addConnectionOptions } from '../arguments/options.ts';
import type { ConnectionOptions, OpenLedger } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { UsageError } from '../errors.ts';
import { withLedger } from '../ledger-session.ts';
import { paint } from '../output/output.ts';

interface PreviewOptions extends ConnectionOptions {
  readonly name?: string;
  readonly html?: string;
}

const EXAMPLES = `
Examples:
  upload-ledger digest preview
  upload-ledger digest preview --name daily --html digest.html

Shows everything since the last digest that was sent, even if there is too
little to send. Nothing is sent, and the scheduled digest does not change. What
is being recorded at this moment may be missing.
`;

/** `upload-ledger digest preview`: the email that would be sent now. */
export function digestPreviewCommand(context: CliContext): Command {
  const command = new Command('preview')
    .description('Show the digest that would be sent now, without sending it.')
    .optionsGroup('Which, and how:')
    .option('--name <name>', 'the digest, when the stack has several')
    .option('--html <file>', 'write its HTML to a file as well');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: PreviewOptions) => withLedger(context, options, (ledger) => preview(options, ledger, context)));
}

async function preview(options: PreviewOptions, ledger: OpenLedger, context: CliContext): Promise<void> {
  const { stdout, stderr, clock } = context;
  const digest = digestNamed(options.name, ledger);
  const { previewDigest } = await import('../../digest/window/handle-tick.ts');
  const { renderDigest } = await import('../../digest/email/digest-email.ts');
  const { toEmailLedger } = await import('../../digest/email/email-ledger.ts');
  const source = { client: await ledger.clients.dynamodb(), tableName: ledger.resources.tableName };
  const { stackName, resources } = ledger;
  const consoleUrl = ledger.email?.consoleUrl ?? resources.consoleUrl;
  const place = toEmailLedger({ ...resources, ...(stackName !== undefined && { stackName }), consoleUrl });
  const email = renderDigest(await previewDigest(source, digest, clock.now()), place);
  await stdout.line(paint(email.subject, 'bold', stdout));
  await stdout.line('');
  for (const line of email.text.trimEnd().split('\n')) await stdout.line(line);
  if (options.html === undefined) return;
  await writeFile(options.html, email.html);
  await stderr.line(`The HTML is in ${visibleText(options.html)}.`);
}

function digestNamed(name: string | undefined, { name: ledger, resources }: OpenLedger): ListedDigest {
  const { digests = [] } = resources;
  const names = digests.map((digest) => digest.name).join(', ');
  if (digests.length === 0) {
    throw new UsageError(`${ledger} sends no digest: configure one, see docs/email.md`);
  }
  if (name === undefined && digests.length > 1) {
    throw new UsageError(`${ledger} has several digests: name one of ${names} with --name`);
  }
  const digest = name === undefined ? digests[0] : digests.find((one) => one.name === name);
  if (digest === undefined) throw new UsageError(`${ledger} has no digest "${name}": its digests are ${names}`);
  return digest;
}

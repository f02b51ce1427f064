import { Command, Option } from 'commander';
import { dollarsByService, estimateCost, renderEstimate, totalDollars } from '../../estimate/estimate-cost.ts';
import { DEFAULT_WORKLOAD } from '../../estimate/prices.ts';
import { stackFacts, type TemplateResource } from '../../estimate/stack-facts.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { parseWholeNumber } from '../arguments/numbers.ts';
import { synthesize } from '../assembly.ts';
import { isCheckout, needCheckout } from '../checkout.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { ArgumentError, UsageError } from '../errors.ts';
import { withLedger } from '../ledger-session.ts';

interface EstimateOptions extends ConnectionOptions {
  /** Settings over those of cdk.json. */
  readonly context?: Readonly<Record<string, string>>;
  readonly uploadsPerMonth: number;
  readonly hoursPerDay: number;
  readonly categories: number;
  readonly alertEmails: number;
  readonly digestRecipients: number;
  readonly json?: boolean;
}

const OF_A_CHECKOUT = {
  source: 'as this checkout would deploy it',
  example: `
  upload-ledger estimate -c 'source={"delivery":"eventbridge"}' -c memoryMb=1024`,
  note: `Without --stack, --region and --profile it estimates the stack that this
checkout would deploy, with the settings of cdk.json. List prices of us-east-1
in US dollars, without free tiers and without S3 itself.`,
};

/** The installed package has nothing that it could deploy. */
const INSTALLED: typeof OF_A_CHECKOUT = {
  source: 'stack UploadLedger on AWS',
  example: '',
  note: `List prices of us-east-1 in US dollars, without free tiers and without S3
itself.`,
};

const TEXTS = isCheckout() ? OF_A_CHECKOUT : INSTALLED;

const EXAMPLES = `
Examples:
  upload-ledger estimate --uploads-per-month 1000000
  upload-ledger estimate --uploads-per-month 5000000 --hours-per-day 8${TEXTS.example}
  upload-ledger estimate --stack UploadLedger --json | jq .total

${TEXTS.note}
`;

/** `upload-ledger estimate`: what a month costs. */
export function estimateCommand(context: CliContext): Command {
  const { uploadsPerMonth, hoursPerDay, categories, alertEmailsPerMonth, digestRecipients } = DEFAULT_WORKLOAD;
  const count = (flags: string, what: string, [min, max]: readonly [number, number], byDefault: number) =>
    new Option(flags, what).argParser(parseWholeNumber(min, max)).default(byDefault);
  const command = new Command('estimate').description('Estimate what a month costs, by service, from the template.');
  command
    .optionsGroup('How much:')
    .addOption(count('--uploads-per-month <count>', 'uploads in 30 days', [0, 1e12], uploadsPerMonth))
    .addOption(count('--hours-per-day <count>', 'hours of the day in which they arrive, evenly', [1, 24], hoursPerDay))
    .addOption(count('--categories <count>', 'categories of files among them', [1, 8], categories))
    .addOption(count('--alert-emails <count>', 'alert emails in 30 days', [0, 1e9], alertEmailsPerMonth))
    .addOption(count('--digest-recipients <count>', 'recipients of each digest', [1, 50], digestRecipients))
    .optionsGroup('How:')
    .option('--json', 'one JSON object, for programs')
    .optionsGroup(`Of which stack (default: ${TEXTS.source}):`)
    .addOption(
      new Option('-c, --context <setting>', 'a setting as in cdk.json, such as -c batchSize=10; repeatable')
        .argParser(addSetting)
        .hideHelp(!isCheckout()),
    )
    .addOption(new Option('--stack <name>', 'a deployed CloudFormation stack'))
    .addOption(new Option('--region <region>', 'AWS Region, if it is not your usual one'))
    .addOption(new Option('--profile <name>', 'profile of the AWS configuration'));
  return command.addHelpText('after', EXAMPLES).action((options: EstimateOptions) => estimate(options, context));
}

/** Adds `name=value` to the settings before it. */
function addSetting(text: string, settings: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new ArgumentError('a setting such as batchSize=10');
  return { ...settings, [name]: value };
}

async function estimate(options: EstimateOptions, context: CliContext): Promise<void> {
  const { stack, region, profile } = options;
  const namesStack = stack !== undefined || region !== undefined || profile !== undefined;
  if (namesStack && options.context !== undefined) {
    throw new UsageError(
      '-c cannot be used with --stack, --region or --profile: a deployed stack already has its settings',
    );
  }
  const resources =
    namesStack || (options.context === undefined && !isCheckout())
      ? await deployedResources(options, context)
      : await synthesizedResources(options.context ?? {}, context);
  const facts = stackFacts(resources);
  const { uploadsPerMonth, hoursPerDay, categories, alertEmails: alertEmailsPerMonth, digestRecipients } = options;
  const workload = { uploadsPerMonth, hoursPerDay, categories, alertEmailsPerMonth, digestRecipients };
  const lines = estimateCost(facts, workload);
  const { unpriced } = facts;
  if (!options.json) return context.stdout.line(renderEstimate(lines, unpriced).trimEnd());
  const byService = Object.fromEntries(dollarsByService(lines));
  await context.stdout.line(jsonLine({ workload, total: totalDollars(lines), byService, lines, unpriced }));
}

type Resources = Readonly<Record<string, TemplateResource>>;

/**
 * The resources of the stack as this checkout would deploy it.
 *
 * @param settings Over those of cdk.json.
 * @throws UploadLedgerError `synth-failed` with every error of the settings.
 * @throws UsageError where there is no checkout.
 */
async function synthesizedResources(settings: Readonly<Record<string, string>>, context: CliContext) {
  needCheckout('estimate -c');
  const { readTemplateDocument } = await import('../../local/template/document.ts');
  const { resources } = readTemplateDocument(await synthesize('assembly-estimate', settings, context));
  const declared = Array.from(resources, ([id, { type: Type, properties: Properties }]) => [id, { Type, Properties }]);
  return Object.fromEntries(declared) as Resources;
}

/** The resources of the template that a stack was deployed with. @throws UsageError when the CDK did not write it. */
async function deployedResources(options: ConnectionOptions, context: CliContext): Promise<Resources> {
  let template = '';
  await withLedger(context, options, async ({ clients, stackName }) => {
    const { GetTemplateCommand } = await import('@aws-sdk/client-cloudformation');
    const client = await clients.cloudformation();
    const command = new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Processed' });
    template = (await client.send(command, { abortSignal: context.signal })).TemplateBody ?? '';
  });
  try {
    return JSON.parse(template).Resources;
  } catch {
    throw new UsageError('the stack is not an upload-ledger stack: its template is not JSON as the CDK writes it');
  }
}

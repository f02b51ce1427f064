/**
 * Writes the stack without the CDK: `node infra/bundle/template.ts [-c name=value ...]`, with the settings of cdk.json
 * and over them those of the command line.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigurationError } from '../settings/configuration-error.ts';
import { contextSettings, parseConfiguration } from '../settings/parse-configuration.ts';
import { writePlainTemplate } from './plain-template.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');
const DIRECTORY = path.join(PROJECT, 'dist', 'template');

try {
  const { values } = parseArgs({ options: { context: { type: 'string', short: 'c', multiple: true, default: [] } } });
  const given = values.context.map((setting) => {
    const [name, ...value] = setting.split('=');
    return [name, value.join('=')];
  });
  const { context } = JSON.parse(readFileSync(path.join(PROJECT, 'cdk.json'), 'utf8'));
  const configuration = parseConfiguration(contextSettings({ ...context, ...Object.fromEntries(given) }));
  rmSync(DIRECTORY, { recursive: true, force: true });
  const { template, archives } = writePlainTemplate(DIRECTORY, configuration, context);
  const shown = (name: string) => path.relative(process.cwd(), path.join(DIRECTORY, name));
  const lines = [
    ...[template, ...archives].map((name) => `${shown(name)}  ${statSync(path.join(DIRECTORY, name)).size} bytes`),
    '',
    'In a Region where the bucket CODE-BUCKET is:',
    ...archives.map((name) => `aws s3 cp ${shown(name)} s3://CODE-BUCKET/`),
    `aws cloudformation deploy --stack-name ${configuration.stackName} --template-file ${shown(template)} \\`,
    '  --s3-bucket CODE-BUCKET --capabilities CAPABILITY_IAM --parameter-overrides CodeBucket=CODE-BUCKET',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
} catch (error) {
  // The author of a wrong setting needs the message, not the stack trace.
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!(error instanceof ConfigurationError) && !isUsage) throw error;
  process.stderr.write(`\n${error.message}\n\n`);
  process.exitCode = 1;
}

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsStub, startAwsStub } from '../../cli/aws-stub.ts';
import { healthy, mappingIs } from '../../cli/doctor/deployed-world.ts';
import { openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { stackAnswer } from '../end-to-end/cli-tour-deployment.ts';
import { type Installation, installPackage } from './packed.ts';

const PROJECT = path.resolve(import.meta.dirname, '../../..');
const read = (...file: readonly string[]) => readFileSync(path.join(...file), 'utf8');

/** The example of the README's section on the construct. */
function readmeExample(): string {
  const [, section = ''] = read(PROJECT, 'README.md').split('## In a CDK app of your own');
  const [, code = ''] = section.match(/```js\n(.*?)```/s) ?? [];
  return code;
}

/** What the checkout's own app does, written by somebody else. */
const SAME_STACK = `
import { App, Stack } from 'aws-cdk-lib';
import { UploadLedger } from 'upload-ledger';
const stack = new Stack(new App(), 'UploadLedger', { description: 'upload-ledger: a permanent record of every upload to S3' });
new UploadLedger(stack, 'Uploads').addOutputs();
stack.node.root.synth();
`;

const TYPED = `
import { App, Stack } from 'aws-cdk-lib';
import { Function } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { UploadLedger, type UploadLedgerProps } from 'upload-ledger';
const props: UploadLedgerProps = { batchSize: 500, removalPolicy: 'destroy' };
const stack = new Stack(new App(), 'S');
const ledger = new UploadLedger(stack, 'L', { ...props, source: { buckets: [new Bucket(stack, 'B')] } });
export const consumer: Function = ledger.consumer;
ledger.metricUploads({ category: 'image' });
// @ts-expect-error no such setting
new UploadLedger(stack, 'M', { batchsize: 500 });
// @ts-expect-error one of two words
new UploadLedger(stack, 'N', { removalPolicy: 'snapshot' });
`;

/** What applications bring: for the construct the CDK, for the client AWS's SDK. */
const PEERS = [
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/client-s3',
  '@aws-sdk/s3-request-presigner',
  'aws-cdk-lib',
  'constructs',
];

/** What a template says, without the settings and places in the CDK that it comes from, and the function's code. */
function essentials(template: string): unknown {
  const parsed = JSON.parse(template.replaceAll(/[0-9a-f]{64}(?=\.zip")/g, '<asset>'));
  for (const part of [parsed, ...Object.values<Record<string, unknown>>(parsed.Resources)]) delete part.Metadata;
  return parsed;
}

let program: Installation;

beforeAll(async () => {
  program = await installPackage();
});

afterAll(() => program.remove());

describe('the package', () => {
  it('holds what it needs to run, and none of the sources', () => {
    const { files } = program;
    const wanted = [
      'dist/infra/package.js',
      'dist/infra/package.d.ts',
      'dist/consumer/consumer.mjs',
      'dist/publisher/publisher.mjs',
      'docs/events/UploadRecorded.schema.json',
      'docs/runbook.md',
    ];
    expect(files).toEqual(expect.arrayContaining([...wanted, 'LICENSE', 'README.md', 'dist/cli/upload-ledger.js']));
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  });

  it('depends on nothing, and leaves it to applications what they have anyway', () => {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
      read(program.package, 'package.json'),
    );
    expect({ dependencies, optionalDependencies }).toEqual({});
    expect(Object.keys(peerDependencies)).toEqual(PEERS);
    expect(peerDependenciesMeta).toEqual(Object.fromEntries(PEERS.map((name) => [name, { optional: true }])));
  });

  it('imports no other packages, in its types neither', () => {
    const ofLibrary = program.files.filter((file) => /^dist\/(infra|src)\/.*(\.d\.ts|\.js)$/.test(file));
    const imported = ofLibrary.flatMap((file) => [
      ...read(program.package, file)
        .replaceAll(/\/\*.*?\*\//gs, '')
        .matchAll(/(?:\bfrom |\bimport\()['"]((?:@[^/'"]+\/)?[^./'":][^/'":]*)['"/]/g),
    ]);
    expect([...new Set(imported.map(([, name]) => name))].sort()).toEqual(PEERS);
  });

  it('has the licenses of what is bundled into it', () => {
    const licenses = read(program.package, 'dist/THIRD-PARTY-LICENSES.txt');
    for (const name of ['@aws-sdk/client-dynamodb', 'commander', 'uplot', 'zod', '@aws-lambda-powertools/batch']) {
      expect(licenses).toContain(name);
    }
  });
});

describe('the construct from the package', () => {
  const synth = (script: string, output: string) =>
    program.node([script], { CDK_OUTDIR: output, CDK_CONTEXT_JSON: JSON.stringify(cdkContext()) });
  const cdkContext = () => JSON.parse(read(PROJECT, 'cdk.json')).context;

  it('makes the stack that a checkout makes, from a bundle that is there', async () => {
    program.write('same.js', SAME_STACK);
    const output = path.join(program.directory, 'same.out');
    const { exitCode, stdout, stderr } = await synth('same.js', output);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const [ours, theirs] = [assemblyDirectory(), output].map((directory) =>
      essentials(read(directory, 'UploadLedger.template.json')),
    );
    expect(theirs).toEqual(ours);
    const { files } = JSON.parse(read(output, 'UploadLedger.assets.json'));
    const [code] = Object.values<{ source: { path: string; packaging: string } }>(files).filter(
      ({ source }) => source.packaging === 'zip',
    );
    expect(existsSync(path.join(output, code?.source.path ?? '', 'consumer.mjs'))).toBe(true);
  });

  it('puts the email settings beside that bundle', async () => {
    const alerts = [{ name: 'all', everything: true, recipients: ['a@example.com'] }];
    const settings = JSON.stringify({ emailSender: 'ledger@example.com', alerts });
    program.write('email.js', SAME_STACK.replace("'Uploads')", `'Uploads', ${settings})`));
    const output = path.join(program.directory, 'email.out');
    const { exitCode } = await synth('email.js', output);
    expect(exitCode).toBe(0);
    const [directory = ''] = readdirSync(output).filter((name) => existsSync(path.join(output, name, 'consumer.mjs')));
    expect(JSON.parse(read(output, directory, 'email-settings.json')).alerts).toMatchObject(alerts);
  });

  it('brings the function that publishes events where there is a bus for them, and not elsewhere', async () => {
    program.write('bus.js', SAME_STACK.replace("'Uploads')", `'Uploads', { recordedEventsBus: 'default' })`));
    const output = path.join(program.directory, 'bus.out');
    expect((await synth('bus.js', output)).exitCode).toBe(0);
    const bundles = (directory: string) =>
      readdirSync(directory).filter((name) => existsSync(path.join(directory, name, 'publisher.mjs')));
    expect(bundles(output)).toHaveLength(1);
    expect(bundles(path.join(program.directory, 'same.out'))).toEqual([]);
  });

  it('does what the example of the README says', async () => {
    const example = readmeExample();
    expect(example).toContain("from 'upload-ledger'");
    program.write('app.js', example);
    const output = path.join(program.directory, 'app.out');
    const { exitCode, stderr } = await program.node(['app.js'], { CDK_OUTDIR: output });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [template = ''] = Object.values<string>(JSON.parse(read(output, 'manifest.json')).artifacts).flatMap(
      (artifact) => Object(artifact).properties?.templateFile ?? [],
    );
    const { Resources, Outputs } = JSON.parse(read(output, template));
    const types = Object.values<{ Type: string }>(Resources).map(({ Type }) => Type);
    expect(types).toEqual(expect.arrayContaining(['AWS::S3::Bucket', 'AWS::Lambda::Function', 'AWS::SQS::Queue']));
    expect(types.filter((type) => type.startsWith('Custom::'))).toEqual([]);
    expect(Outputs).toHaveProperty('TableName');
  });

  it('has types that hold in a strict program', async () => {
    program.write('typed.ts', TYPED);
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022', 'esnext.disposable'],
      typeRoots: [path.join(PROJECT, 'node_modules/@types')],
      strict: true,
      noEmit: true,
      types: ['node'],
    };
    program.write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { ...compilerOptions, skipLibCheck: true }, files: ['typed.ts'] }),
    );
    const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    const { exitCode, stdout } = await program.node([path.join(typescript, 'bin/tsc'), '--project', 'tsconfig.json']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  });
});

describe('the installed command', () => {
  const entry = () => path.join(program.command, 'dist/cli/upload-ledger.js');
  const cli = (args: readonly string[], environment = {}) => program.node([entry(), ...args], environment);

  it('is the package alone, with less than 15 MB', () => {
    expect(readdirSync(path.dirname(program.command))).toEqual(['upload-ledger']);
    expect(readdirSync(program.command)).not.toContain('node_modules');
    const files = readdirSync(program.command, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const sizes = files.map((file) => statSync(path.join(file.parentPath, file.name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(15_000_000);
    expect(lstatSync(path.join(program.command, '../../../bin/upload-ledger')).isSymbolicLink()).toBe(true);
  });

  it('is what the line of the README installs', () => {
    const { name, version } = JSON.parse(read(PROJECT, 'package.json'));
    expect(read(PROJECT, 'README.md')).toContain(`npm install --global ./${name}-${version}.tgz`);
  });

  it('shows its help', async () => {
    const { exitCode, stdout, stderr } = await cli(['--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Usage: upload-ledger');
  });

  it.each([[], ['list'], ['console'], ['estimate'], ['digest'], ['dlq', 'list'], ['alerts', 'test'], ['doctor']])(
    'offers in its help nothing that only a checkout can do: %s',
    async (...command) => {
      const { exitCode, stdout } = await cli([...command, '--help']);
      expect(exitCode).toBe(0);
      expect(stdout).not.toMatch(
        /--local|--context|local stack|npm (?:start|run)|this checkout|^ {2}(?:local|demo|tick)\b/m,
      );
      expect(stdout).toContain('Usage: upload-ledger');
    },
  );

  it('says where its documents are', async () => {
    const [, documents = ''] = /^Documents: (.*)$/m.exec((await cli(['--help'])).stdout) ?? [];
    expect(read(documents)).toContain('troubleshooting.md');
  });

  it('lists the records of a deployed stack, and serves its console', async () => {
    const table = await openLedgerTable();
    await table.put(recordOf('photos/cat.jpg', { timestamp: new Date(Date.now() - 60_000).toISOString() }));
    const aws = await startAwsStub();
    aws.answer('DescribeStacks', stackAnswer(aws.settings.endpoint, table.tableName));
    const environment = { ...accessTo(aws), AWS_ENDPOINT_URL_DYNAMODB: table.endpoint };
    try {
      const { exitCode, stdout, stderr } = await cli(
        ['list', '--stack', 'Prod', '--since', '1h', '--json'],
        environment,
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ s3_key: 'photos/cat.jpg' });

      const served = program.start([entry(), 'console', '--stack', 'Prod'], environment);
      const link = await firstMatch(served, /http:\/\/127\.0\.0\.1:\d+/);
      expect(await (await fetch(link)).text()).toContain('<html');
      served.kill('SIGINT');
      expect(await once(served, 'close')).toEqual([0, null]);
    } finally {
      await Promise.all([aws.close(), table.close()]);
    }
  });

  it('checks a deployed stack', async () => {
    const aws = await startAwsStub();
    try {
      healthy(aws);
      aws.answer('DescribeStacks', stackAnswer(aws.settings.endpoint));
      const well = await cli(['doctor', '--stack', 'Prod'], accessTo(aws));
      expect({ exitCode: well.exitCode, stderr: well.stderr }).toEqual({ exitCode: 0, stderr: '' });
      mappingIs(aws, { State: 'Disabled' });
      expect((await cli(['doctor', '--stack', 'Prod'], accessTo(aws))).exitCode).toBe(1);
    } finally {
      await aws.close();
    }
  });

  it('does not advise to start a local stack, which it has not', async () => {
    const { exitCode, stderr } = await cli(['list'], { AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nowhere' });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^upload-ledger: no AWS Region: name one with --region/);
    expect(stderr).not.toContain('npm start');
    expect((await cli(['list', '--local'])).stderr).toMatch(/^upload-ledger: "--local" needs a checkout of/);
  });

  it('estimates the stack that all other commands find, when none is named', async () => {
    const { exitCode, stderr } = await cli(['estimate'], { AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nowhere' });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^upload-ledger: no AWS Region: name one with --region/);
  });

  it.each(['local', 'demo', 'digest tick', 'estimate -c batchSize=10'])(
    'says in one line that %s needs a checkout',
    async (command) => {
      const { exitCode, stdout, stderr } = await cli(command.split(' '));
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(
        new RegExp(`^upload-ledger: "${command.replace(/ batch.*/, '')}" needs a checkout of upload-ledger, .+\\n$`),
      );
    },
  );
});

function accessTo({ settings }: AwsStub): Readonly<Record<string, string>> {
  return {
    AWS_REGION: settings.region,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: settings.endpoint,
  };
}

/** @throws Error with all that was written, when the process ends before. */
async function firstMatch({ stdout, stderr }: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  let written = '';
  stderr.on('data', (chunk) => {
    written += chunk;
  });
  for await (const chunk of stdout) {
    written += chunk;
    const [match] = pattern.exec(written) ?? [];
    if (match !== undefined) return match;
  }
  throw new Error(`Expected ${pattern} in the output; got ${written}`);
}

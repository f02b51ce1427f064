import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseConfiguration } from '../../../infra/settings/parse-configuration.ts';
import { createLedger } from '../../../src/client/client.ts';
import { LOCAL_CREDENTIALS } from '../../../src/local/identity.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { launchBrowser } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/describe-in-browser.ts';
import { type Installation, installPackage } from '../deployment/packed.ts';

const DOCUMENTS = path.resolve(import.meta.dirname, '../../../docs');
const RECIPES = path.join(DOCUMENTS, 'recipes');

let stack: LocalStack;
let program: Installation;
const running: ChildProcess[] = [];

beforeAll(async () => {
  program = await installPackage();
  stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('metadata') });
});

afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill();
    await once(child, 'exit');
  }
});

afterAll(async () => {
  await stack?.close();
  program?.remove();
});

/** The code blocks of a document in one language. */
function blocks(document: string, language: string): string[] {
  const text = readFileSync(path.join(DOCUMENTS, document), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);
}

/** Writes a block into the file that its first line names. */
function writeBlock(code: string): string {
  const [, file = ''] = /^(?:\/\/|<!--) (\S+)/.exec(code) ?? [];
  expect(file).not.toBe('');
  program.write(file, code);
  return file;
}

/** What a reader's machine has: here, that of the local stack. */
function environment(): Record<string, string> {
  const { bucketName, tableName, indexShards, servers, resources } = stack;
  return {
    PORT: '0',
    TABLE_NAME: tableName,
    BUCKET_NAME: bucketName,
    INDEX_SHARDS: String(indexShards),
    AWS_REGION: resources.region,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: servers.endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: servers.endpoints.services,
  };
}

/** Runs a recipe's server as its reader would, against the local stack. @returns its address. */
async function serve(code: string): Promise<string> {
  const child = spawn(process.execPath, [writeBlock(code)], {
    cwd: program.directory,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) return line;
  throw new Error('Expected the server to print its address.');
}

/** What a program prints that ends by itself. */
async function printed(code: string): Promise<string> {
  program.write('part.js', code);
  const { stdout, stderr } = await program.node(['part.js'], environment());
  expect(stderr).toBe('');
  return stdout;
}

describe('the recipes', () => {
  it('are in the package, and each is run here', () => {
    const tested = readFileSync(import.meta.filename, 'utf8');
    for (const recipe of readdirSync(RECIPES)) {
      expect(existsSync(path.join(program.package, 'docs/recipes', recipe)), recipe).toBe(true);
      expect(tested).toContain(`blocks('recipes/${recipe}'`);
    }
  });

  it('show each user’s uploads in pages, as text', async () => {
    const [code = '', usage = ''] = blocks('recipes/my-uploads.md', 'js');
    const { clients, bucketName } = stack;
    const names = Array.from({ length: 60 }, (_, index) => `<b>${index}.txt`);
    const put = (Key: string) => clients.s3.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: 'x' }));
    await Promise.all([...names.map((name) => put(`uploads/alice/${name}`)), put('uploads/bob/secret.txt')]);
    await stack.drained();
    const address = await serve(code);
    const first = await (await fetch(address)).text();
    const [, older = ''] = /href="([^"]+)">Older/.exec(first) ?? [];
    const second = await (await fetch(new URL(older, address))).text();
    expect([first, second].map((html) => html.split('<tr>').length - 1)).toEqual([50, 10]);
    for (const html of [first, second]) expect(html).not.toMatch(/<b>|secret/);
    for (const name of names) expect(`${first}${second}`).toContain(name.replace('<b>', '&#60;b&#62;'));
    expect(second).not.toContain('Older');
    expect((await fetch(`${address}?cursor=made-up`)).status).toBe(400);
    const [example = ''] = blocks('client.md', 'js');
    const [open = ''] = example.split('\n\nconst {');
    expect(await printed(`${open}\n${usage.replace('2026-11-01', '2026-01-01')}`)).toBe('60 60\n');
    expect(await printed(example)).toBe('50 false\nundefined undefined\n61 61\n');
  });
});

describeInBrowser('the recipe of an upload from a browser', () => {
  const SITE = 'app.example';
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser([`--host-resolver-rules=MAP ${SITE} 127.0.0.1`]);
  });

  afterAll(() => browser?.close());

  it('uploads what a person chooses, and records it under the name of the session', async () => {
    const [code = ''] = blocks('recipes/browser-upload.md', 'js');
    const [html = ''] = blocks('recipes/browser-upload.md', 'html');
    const [settings = ''] = blocks('recipes/browser-upload.md', 'json');
    const { source, uploaderMetadata } = parseConfiguration(JSON.parse(settings));
    expect({ source, uploaderMetadata }).toMatchObject({
      source: { corsOrigins: ['https://app.example.com'] },
      uploaderMetadata: true,
    });
    writeBlock(html);
    const address = new URL(await serve(code));
    address.hostname = SITE;
    const page = await browser.newPage();
    await page.goto(address.href);
    const choose = (name: string) =>
      page.setInputFiles('input', { name, mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await choose('../note.txt');
    await page.waitForFunction(`document.querySelector('output').value !== ''`);
    expect(await page.textContent('output')).toMatch(/^Not uploaded: /);
    allow(address.origin);
    await page.reload();
    await choose('note.txt');
    await page.waitForFunction(`document.querySelector('output').value === 'Uploaded note.txt.'`);
    await stack.drained();
    const { clients, tableName, indexShards } = stack;
    const ledger = createLedger({ tableName, indexShards, client: clients.dynamodb });
    const { records } = await ledger.uploads({ uploader: 'alice', limit: 1 }).page();
    expect(records).toMatchObject([{ filesize: 5, filename: expect.stringMatching(/^[\da-f-]{36}-note\.txt$/) }]);
  });

  it('mark an upload as arrived when its webhook says so, once however often it says it', async () => {
    const [code = ''] = blocks('recipes/webhook-receiver.md', 'js');
    const [settings = ''] = blocks('recipes/webhook-receiver.md', 'json');
    const hooks = await serve(code);
    const [{ url }] = JSON.parse(`{${settings}}`).webhooks;
    const announcing = await startLocalStack({
      assemblyDirectory: assemblyDirectory('webhookRecipe'),
      receivers: { [url]: hooks },
      notificationFaults: { duplicate: 1, seed: 1 },
    });
    onTestFinished(() => announcing.close());
    const { clients, bucketName } = announcing;
    const Key = 'uploads/alice/ü "1".txt';
    const stateOf = async (object: string) =>
      (await fetch(new URL(`/uploads/${encodeURIComponent(object)}`, hooks))).json();
    expect(await stateOf(`${bucketName}/${Key}`)).toEqual({ state: 'expected' });
    await clients.s3.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: 'hello' }));
    await announcing.drained();
    await announcing.eventsSettled();
    expect(await stateOf(`${bucketName}/${Key}`)).toMatchObject({ state: 'arrived', filesize: 5 });
    const body = JSON.stringify({ type: 'UploadRecorded', record: { s3_object: 'b/k', timestamp: '2026' } });
    expect((await fetch(hooks, { method: 'POST', body })).status).toBe(401);
    expect(await stateOf('b/k')).toEqual({ state: 'expected' });
    const authorization = 'local';
    expect((await fetch(hooks, { method: 'POST', body, headers: { authorization } })).status).toBe(204);
    const older = body.replace('2026"', '2025","filesize":1');
    expect((await fetch(hooks, { method: 'POST', body: older, headers: { authorization } })).status).toBe(204);
    expect(await stateOf('b/k')).toEqual({ state: 'arrived', timestamp: '2026' });
  });
});

/** What `corsOrigins` gives the bucket. */
function allow(origin: string): void {
  const rule = { allowedOrigins: [origin], allowedMethods: ['PUT'], allowedHeaders: ['*'], exposedHeaders: ['ETag'] };
  stack.servers.services.setCors(stack.bucketName, [rule]);
}

import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLedger, type Ledger, type UploadRequest } from '../../../src/client/client.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { launchBrowser } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/describe-in-browser.ts';

const run = promisify(execFile);

let stack: LocalStack;
let ledger: Ledger;

beforeAll(async () => {
  stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('metadata') });
  const { clients, tableName, indexShards } = stack;
  ledger = createLedger({ tableName, indexShards, client: clients.dynamodb, s3: clients.s3 });
});

afterAll(() => stack?.close());

const sign = (upload: Omit<UploadRequest, 'bucket'>) =>
  ledger.presignUpload({ bucket: stack.bucketName, contentType: 'text/plain', contentLength: 5, ...upload });

/** S3's status and error code of an upload by curl. */
async function curl(url: string, body: string, headers: readonly string[]): Promise<string> {
  const options = ['--silent', '--request', 'PUT', '--data-binary', body, '--write-out', ' %{http_code}'];
  const { stdout } = await run('curl', [...options, ...headers.flatMap((header) => ['--header', header]), url]);
  const [, code = ''] = /<Code>(\w+)<\/Code>/.exec(stdout) ?? [];
  return `${stdout.split(' ').at(-1)} ${code}`.trim();
}

it('takes from curl what was signed, and records the name', async () => {
  const { url } = await sign({ key: 'curl/note 1.txt', uploader: 'Jürgen Groß' });
  expect(await curl(url, 'hello', ['content-type: text/plain'])).toBe('200');
  await stack.drained();
  const { records } = await ledger.uploads({ uploader: 'Jürgen Groß' }).page();
  expect(records).toMatchObject([{ s3_key: 'curl/note 1.txt', filesize: 5, uploader_source: 'metadata' }]);
});

it.each([
  ['a longer body', 'hello!', ['content-type: text/plain']],
  ['a shorter body', 'hell', ['content-type: text/plain']],
  ['another type', 'hello', ['content-type: text/html']],
  ['no type', 'hello', ['content-type:']],
])('refuses %s from curl', async (_, body, headers) => {
  const { url } = await sign({ key: 'refused.txt' });
  expect(await curl(url, body, headers)).toBe('403 SignatureDoesNotMatch');
  expect(await ledger.object(stack.bucketName, 'refused.txt')).toBeUndefined();
});

it('refuses another name from curl, in the query or in a header', async () => {
  const { url } = await sign({ key: 'forged.txt', uploader: 'alice' });
  const forged = url.replace('x-amz-meta-uploader=alice', 'x-amz-meta-uploader=mallory');
  expect(forged).not.toBe(url);
  expect(await curl(forged, 'hello', ['content-type: text/plain'])).toBe('403 SignatureDoesNotMatch');
  const header = ['content-type: text/plain', 'x-amz-meta-uploader: mallory'];
  expect(await curl(url, 'hello', header)).toBe('403 AccessDenied');
});

describeInBrowser('a presigned upload in the browser', () => {
  const SITE = 'app.example';
  let browser: Browser;
  let site: Server;

  beforeAll(async () => {
    site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    browser = await launchBrowser([`--host-resolver-rules=MAP ${SITE} 127.0.0.1`]);
    const allowedOrigins = [`http://${SITE}:${(site.address() as AddressInfo).port}`];
    const rule = { allowedOrigins, allowedMethods: ['PUT'], allowedHeaders: ['*'], exposedHeaders: ['ETag'] };
    stack.servers.services.setCors(stack.bucketName, [rule]);
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  it('is taken as it was signed, and refused with another length or type', async () => {
    const page = await browser.newPage();
    await page.goto(`http://${SITE}:${(site.address() as AddressInfo).port}/`);
    const put = async (key: string, body: string, headers?: Readonly<Record<string, string>>) => {
      const upload = await sign({ key, uploader: 'alice' });
      const init = { method: upload.method, headers: headers ?? upload.headers, body };
      const call = `fetch(${JSON.stringify(upload.url)}, ${JSON.stringify(init)}).then(({ status }) => status)`;
      return page.evaluate<number>(call);
    };
    expect(await put('browser.txt', 'hello')).toBe(200);
    expect(await put('longer.txt', 'hello!')).toBe(403);
    expect(await put('other.txt', 'hello', { 'content-type': 'text/html' })).toBe(403);
    await stack.drained();
    const uploads = await Array.fromAsync(ledger.uploads({ uploader: 'alice' }));
    expect(uploads.map(({ s3_key }) => s3_key)).toEqual(['browser.txt']);
  });
});

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TABLE } from '../../../src/contract/table.ts';
import { ask, tokenOf } from '../../console/server/ask.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { launchBrowser } from './browser.ts';
import { type ConsoleStack, startConsoleStack } from './console-stack.ts';
import { describeInBrowser } from './describe-in-browser.ts';

/** Names that the tests' browser takes for this machine, as a hostile name server has it. */
const EVIL = 'evil.example';
const PARTNER = 'partner.example';
const FLAGS = [`--host-resolver-rules=MAP ${EVIL} 127.0.0.1, MAP ${PARTNER} 127.0.0.1`];

const SECRET = 'only for the ledger';

/** What a page may send without asking first, and what it must ask for by a preflight. */
interface Attack {
  readonly url: string;
  readonly init: {
    readonly method: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

describeInBrowser('pages of other sites', () => {
  let running: ConsoleStack;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let other: { readonly server: Server; readonly port: number; readonly heard: IncomingHttpHeaders[] };

  beforeAll(async () => {
    running = await startConsoleStack(assemblyDirectory('console'));
    other = await startOtherServer();
    browser = await launchBrowser(FLAGS);
    context = await browser.newContext();
    page = await context.newPage();
    const { clients, bucketName, tableName } = running.stack;
    await clients.s3.send(new PutObjectCommand({ Bucket: bucketName, Key: 'secret.js', Body: `caught = '${SECRET}'` }));
    await running.stack.drained();
    const Item = { [TABLE.partitionKey]: { S: `${bucketName}/secret.txt` }, [TABLE.sortKey]: { S: SECRET } };
    await clients.dynamodb.send(new PutItemCommand({ TableName: tableName, Item }));
    await running.stack.scheduler.tickNow();
    await running.stack.drained();
  });

  afterAll(async () => {
    await browser?.close();
    other?.server.close();
    await running?.close();
  });

  it.each([
    ['another site', () => `http://${EVIL}:${other.port}/`],
    ['another port of this machine', () => `http://127.0.0.1:${other.port}/`],
  ])('of %s read nothing of any local server, and change nothing', async (_, address) => {
    const before = await state();
    await page.goto(address());
    for (const attack of attacks()) {
      expect(await read(attack, 'cors'), attack.url).toBe('refused by the browser');
      expect(['', 'refused by the browser'], attack.url).toContain(await read(attack, 'no-cors'));
    }
    expect(await state()).toEqual(before);
  });

  it('of another site use the bucket neither by request, form, script nor image', async () => {
    const before = await state();
    const { services } = running.stack.servers.endpoints;
    const bucket = `${services}/${running.stack.bucketName}`;
    await page.goto(`http://${EVIL}:${other.port}/`);
    for (const mode of ['cors', 'no-cors'] as const) {
      for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
        if (mode === 'no-cors' && !['GET', 'POST'].includes(method)) continue;
        expect(await read({ url: `${bucket}/secret.js`, init: { method } }, mode)).not.toContain(SECRET);
      }
    }
    await page.evaluate(`new Promise((done) => {
      const script = Object.assign(document.createElement('script'), { src: ${JSON.stringify(`${bucket}/secret.js`)} });
      script.onload = script.onerror = done;
      document.head.append(script);
    })`);
    expect(await page.evaluate('globalThis.caught')).toBeUndefined();
    await submitForm(bucket, { key: 'forged.txt', file: 'forged' });
    expect(await page.textContent('body')).toContain('takes no requests of pages from');
    expect(await state()).toEqual(before);
  });

  it('use the bucket as its CORS rules say', async () => {
    const origin = `http://${PARTNER}:${other.port}`;
    const { servers, bucketName, clients } = running.stack;
    const rule = { allowedOrigins: [origin], allowedMethods: ['PUT'], allowedHeaders: ['*'], exposedHeaders: ['ETag'] };
    servers.services.setCors(bucketName, [rule]);
    await page.goto(origin);
    const url = `${servers.endpoints.services}/${bucketName}/from-partner.txt`;
    expect(await read({ url, init: { method: 'PUT', body: 'x', headers: { 'x-amz-meta-a': '1' } } }, 'cors')).toBe('');
    expect(await read({ url, init: { method: 'GET' } }, 'cors')).toBe('refused by the browser');
    const stored = await clients.s3.send(new GetObjectCommand({ Bucket: bucketName, Key: 'from-partner.txt' }));
    expect(await stored.Body?.transformToString()).toBe('x');
    await running.stack.drained();
  });

  it('reach nothing under a name of their own that points to this machine', async () => {
    for (const server of servers()) {
      const { port } = new URL(server);
      const answer = await page.goto(`http://${EVIL}:${port}/`);
      expect(answer?.status(), server).toBe(403);
      expect(await answer?.text()).toContain('This server answers to localhost');
    }
  });

  it('frame neither the console nor the inbox', async () => {
    await page.goto(`http://${EVIL}:${other.port}/`);
    for (const url of [running.console.url, running.stack.servers.endpoints.ses]) {
      await page.evaluate(
        `new Promise((done) => { const frame = document.createElement('iframe'); frame.onload = done; frame.src = ${JSON.stringify(url)}; document.body.append(frame); })`,
      );
    }
    for (const frame of page.frames().slice(1)) {
      const text = await frame.locator('body').textContent();
      expect(text).not.toMatch(/SES|upload-ledger/);
    }
  });

  it('on another port, visited after the console, learn nothing that lets anybody in', async () => {
    const token = tokenOf(running.console);
    await page.goto(running.console.link);
    await page.getByRole('heading', { level: 1, name: 'Live' }).waitFor({ state: 'attached' });
    expect(await page.evaluate(`fetch('/api/source').then(({ status }) => status)`)).toBe(401);
    other.heard.length = 0;
    await page.goto(`http://127.0.0.1:${other.port}/`);
    const learnt = await page.evaluate(`new Promise((done) => {
      const heard = [];
      const channel = new BroadcastChannel('upload-ledger-console');
      channel.onmessage = ({ data }) => heard.push(data);
      channel.postMessage({});
      setTimeout(() => done(JSON.stringify([document.cookie, document.referrer, location.href, String(window.opener), window.name,
        { ...sessionStorage }, { ...localStorage }, heard])), 500);
    })`);
    expect(JSON.parse(String(learnt))).toEqual(['', '', page.url(), 'null', '', {}, {}, []]);
    expect(other.heard.length).toBeGreaterThan(0);
    expect(JSON.stringify(other.heard)).not.toContain(token);
    for (const headers of other.heard) {
      const answer = await ask(running.console.url, {
        path: '/api/source',
        headers: { ...headers, host: '127.0.0.1' },
      });
      expect(answer.status).toBe(401);
    }
  });

  it('do not stop the console from opening its links in further tabs', async () => {
    await page.goto(running.console.link);
    expect(page.url()).toBe(`${running.console.url}/`);
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Search' }).click({ modifiers: ['Control'] }),
    ]);
    await opened.getByRole('heading', { level: 1, name: 'Search' }).waitFor({ state: 'attached' });
    const typed = await context.newPage();
    await typed.goto(`${running.console.url}/failed`);
    await typed.getByRole('heading', { level: 1, name: 'Failed' }).waitFor({ state: 'attached' });
  });

  /** Every local server with an address that others can find. */
  function servers(): string[] {
    return [running.console.url, ...Object.values(running.stack.servers.endpoints)];
  }

  function attacks(): Attack[] {
    const { services, dynamodb, ses } = running.stack.servers.endpoints;
    const { tableName, queueUrl } = running.stack;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const json = (target: string) => ({ 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target });
    const call = (url: string, target: string, body: object) =>
      ({ url, init: { method: 'POST', headers: json(target), body: JSON.stringify(body) } }) satisfies Attack;
    return [
      ...servers().map((url) => ({ url, init: { method: 'GET' } })),
      call(dynamodb, 'DynamoDB_20120810.Scan', { TableName: tableName }),
      call(dynamodb, 'DynamoDB_20120810.DeleteTable', { TableName: tableName }),
      call(services, 'AmazonSQS.SendMessage', { QueueUrl: queueUrl, MessageBody: 'forged' }),
      call(queueUrl, 'AmazonSQS.PurgeQueue', { QueueUrl: queueUrl }),
      { url: services, init: { method: 'POST', headers: form, body: 'Action=CreateTopic&Name=forged' } },
      { url: `${services}/_fauxqs/queues`, init: { method: 'GET' } },
      { url: `${ses}/store`, init: { method: 'GET' } },
      { url: `${ses}/clear-store`, init: { method: 'POST' } },
      { url: ses, init: { method: 'POST', headers: form, body: 'Action=SendEmail&Source=evil@example.com' } },
      { url: `${running.console.url}/api/source`, init: { method: 'GET' } },
      { url: `${running.console.url}/api/dead-letters`, init: { method: 'POST', body: '{}' } },
      { url: `${running.console.url}/api/redrive`, init: { method: 'POST', body: '{}' } },
    ];
  }

  /** What the page gets to see. Without CORS a browser sends only plain headers, and shows nothing. */
  async function read({ url, init }: Attack, mode: 'cors' | 'no-cors'): Promise<string> {
    const request = JSON.stringify({ ...init, mode });
    return String(
      await page.evaluate(
        `fetch(${JSON.stringify(url)}, ${request}).then((answer) => answer.text()).catch(() => 'refused by the browser')`,
      ),
    );
  }

  async function submitForm(action: string, { key, file }: { readonly key: string; readonly file: string }) {
    await Promise.all([
      page.waitForNavigation(),
      page.evaluate(`{
        const form = Object.assign(document.createElement('form'), { method: 'post', enctype: 'multipart/form-data' });
        form.action = ${JSON.stringify(action)};
        for (const [name, value] of ${JSON.stringify(Object.entries({ key, file }))}) {
          form.append(Object.assign(document.createElement('input'), { name, value }));
        }
        document.body.append(form);
        form.submit();
      }`),
    ]);
  }

  /** Everything that the servers hold. */
  async function state() {
    const { clients, servers, bucketName, tableName, queueUrl } = running.stack;
    const { Items } = await clients.dynamodb.send(new ScanCommand({ TableName: tableName }));
    const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: bucketName }));
    return {
      items: Items?.map((item) => item[TABLE.sortKey]?.S).sort(),
      objects: Contents.map(({ Key, ETag }) => [Key, ETag]),
      waiting: await servers.services.countMessages(queueUrl),
      emails: (await servers.mail.emails()).map(({ messageId }) => messageId),
    };
  }
});

/** A web server of somebody else, which keeps what it hears. */
async function startOtherServer() {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>other</title><body></body>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, heard };
}

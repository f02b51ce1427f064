import { type BinaryLike, createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN = '' } = process.env;
const ENDPOINT = new URL(process.env.AWS_ENDPOINT_URL ?? `https://dynamodb.${AWS_REGION}.amazonaws.com`);
const TARGET = 'DynamoDB_20120810.BatchWriteItem';
const CONTENT_TYPE = 'application/x-amz-json-1.0';
const SIGNED = 'content-type;host;x-amz-date;x-amz-security-token;x-amz-target';
const transport = ENDPOINT.protocol === 'https:' ? https : http;
const agent = new transport.Agent({ keepAlive: true });

let signingDay = '';
let signingKey: Buffer = Buffer.alloc(0);

/**
 * Sends one BatchWriteItem call, signed with Signature Version 4 by hand, and resolves with the answer's text,
 * whatever its status.
 */
export function sendSigned(body: string): Promise<string> {
  const time = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const headers = {
    'content-type': CONTENT_TYPE,
    'content-length': Buffer.byteLength(body),
    'x-amz-date': time,
    'x-amz-security-token': AWS_SESSION_TOKEN,
    'x-amz-target': TARGET,
    authorization: authorization(body, time),
  };
  return new Promise((resolve, reject) => {
    const request = transport.request(ENDPOINT, { method: 'POST', agent, headers }, (response) => {
      const chunks: string[] = [];
      response.setEncoding('utf8');
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(chunks.join('')));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Source: AWS IAM user guide, "Create a signed AWS API request". */
function authorization(body: string, time: string): string {
  const day = time.slice(0, 8);
  const scope = `${day}/${AWS_REGION}/dynamodb/aws4_request`;
  const canonical = [
    'POST\n/\n',
    `content-type:${CONTENT_TYPE}`,
    `host:${ENDPOINT.host}`,
    `x-amz-date:${time}`,
    `x-amz-security-token:${AWS_SESSION_TOKEN}`,
    `x-amz-target:${TARGET}\n`,
    SIGNED,
    sha256(body),
  ].join('\n');
  const signature = hmac(keyOf(day), `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope}, SignedHeaders=${SIGNED}, Signature=${signature}`;
}

function keyOf(day: string): Buffer {
  if (day === signingDay) return signingKey;
  const steps = [day, AWS_REGION, 'dynamodb', 'aws4_request'];
  signingKey = steps.reduce<Buffer>((key, step) => hmac(key, step), Buffer.from(`AWS4${AWS_SECRET_ACCESS_KEY}`));
  signingDay = day;
  return signingKey;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: BinaryLike, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

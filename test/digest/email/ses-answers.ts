import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SESClient } from '@aws-sdk/client-ses';

/** How SES answers one call. `hang`: not at all. */
export type SesAnswer = 'taken' | 'hang' | { readonly status: number; readonly code: string; readonly message: string };

export interface SesAnswers {
  readonly client: SESClient;
  /** To whom emails were sent, also those that were refused, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * SES as far as its answers go, written as SES writes them, behind the real client: errors are told apart by what the
 * SDK makes of them.
 *
 * @param answer What to answer to the so-manieth call (from 0), which is for this recipient.
 */
export async function startSesAnswers(answer: (call: number, recipient: string) => SesAnswer): Promise<SesAnswers> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    const recipient = body.get('Destinations.member.1') ?? '';
    const given = answer(asked.length, recipient);
    asked.push(recipient);
    if (given === 'hang') return;
    const [status, xml] = given === 'taken' ? [200, TAKEN] : [given.status, errorXml(given)];
    response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new SESClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // The SDK's own tries wait for real.
    maxAttempts: 1,
  });
  return {
    client,
    asked,
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const TAKEN =
  '<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>' +
  '<MessageId>0102018b-1</MessageId></SendRawEmailResult></SendRawEmailResponse>';

function errorXml({ code, message }: { readonly code: string; readonly message: string }): string {
  return (
    '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>' +
    `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
  );
}

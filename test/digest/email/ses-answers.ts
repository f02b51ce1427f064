import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SESClient } from '@aws-sdk/client-ses';

/** How SES answers one call. `hang`: not at all. */
export type SesAnswer =
  | 'accepted'
  | 'hang'
  | { readonly status: number; readonly code: string; readonly message: string };

export interface SesAnswers {
  readonly client: SESClient;
  /** Of all calls in order, also of rejected ones. */
  readonly recipients: readonly string[];
  close(): Promise<void>;
}

/**
 * A server that answers as SES does, behind the real client: the mailer tells errors apart by what the SDK makes of them.
 *
 * @param answer Decides about each call, given how many came before and the recipient.
 */
export async function startSesAnswers(answer: (call: number, recipient: string) => SesAnswer): Promise<SesAnswers> {
  const recipients: string[] = [];
  const server = createServer(async (request, response) => {
    const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    const recipient = body.get('Destinations.member.1') ?? '';
    const given = answer(recipients.length, recipient);
    recipients.push(recipient);
    if (given === 'hang') return;
    const [status, xml] = given === 'accepted' ? [200, ACCEPTED] : [given.status, errorXml(given)];
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
    recipients,
    close: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ACCEPTED =
  '<SendRawEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendRawEmailResult>' +
  '<MessageId>0102018b-1</MessageId></SendRawEmailResult></SendRawEmailResponse>';

function errorXml({ code, message }: { readonly code: string; readonly message: string }): string {
  return (
    '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>' +
    `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
  );
}

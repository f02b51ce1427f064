import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A proxy as companies have them: it tunnels what is asked of it, for whoever has its password. */
export interface TunnelProxy {
  /** For `HTTPS_PROXY`, with name and password. */
  readonly url: string;
  /** The hosts that were asked for, such as `sqs.eu-west-1.amazonaws.com:443`. */
  readonly hosts: Set<string>;
  close(): Promise<void>;
}

/** @param target Where every tunnel ends, whatever host is asked for: AWS, as the test has it. */
export async function startProxy(target: URL): Promise<TunnelProxy> {
  const hosts = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Socket, head) => {
    if (request.headers['proxy-authorization'] !== `Basic ${btoa('me:secret')}`) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    hosts.add(request.url ?? '');
    const tunnel = connect(Number(target.port), target.hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.write(head);
      client.pipe(tunnel).pipe(client);
    });
    for (const socket of [client, tunnel]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://me:secret@127.0.0.1:${(server.address() as AddressInfo).port}`,
    hosts,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

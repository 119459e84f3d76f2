import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A real HTTP server on 127.0.0.1 for tests, with what it saw. */
export interface LocalServer {
  readonly port: number;
  readonly origin: string;
  readonly requests: SeenRequest[];
  /** Connections accepted so far. */
  connections(): number;
  /** Resolves once any open connection has been closed by the other side; at once where that happened already. */
  readonly clientLeft: Promise<void>;
  close(): Promise<void>;
}

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Behaviour = (reply: ServerResponse, request: SeenRequest) => void | Promise<void>;

export async function localServer(behave: Behaviour): Promise<LocalServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const left = Promise.withResolvers<void>();
  let accepted = 0;
  const server = createServer((request, reply) => {
    reply.on('error', () => undefined);
    reply.on('close', () => {
      if (!reply.writableFinished) left.resolve();
    });
    readWhole(request)
      .then((body) => {
        const seen = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
        requests.push(seen);
        return behave(reply, seen);
      })
      .catch(() => reply.destroy());
  });
  server.on('connection', (socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    connections: () => accepted,
    clientLeft: left.promise,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function readWhole(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) if (Buffer.isBuffer(piece)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the server has no port'));
    });
  });
}

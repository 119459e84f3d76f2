import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A server on 127.0.0.1 for one test. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** Every request that arrived, in order. */
  readonly requests: readonly IncomingMessage[];
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function serve(handler: Handler): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

export interface FileAnswer {
  readonly etag?: string;
  /** Breaks the connection after so many bytes of this answer. */
  readonly cutAfterBytes?: number;
  /** Sends so many bytes of this answer and then nothing more. */
  readonly stallAfterBytes?: number;
  readonly ignoreRange?: boolean;
}

/** Answers with a file as web servers do: whole, or from where a Range asks, if its If-Range agrees. */
export function sendFile(request: IncomingMessage, response: ServerResponse, content: Uint8Array, answer: FileAnswer = {}): void {
  const ifRange = request.headers['if-range'];
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const valid = answer.ignoreRange !== true && (ifRange === undefined || ifRange === answer.etag);
  const start = asked === undefined || !valid ? 0 : Number(asked);
  if (answer.etag !== undefined) response.setHeader('etag', answer.etag);
  response.setHeader('accept-ranges', 'bytes');
  if (start > 0 && start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('content-length', content.length - start);
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
  response.writeHead(start > 0 ? 206 : 200);
  const limit = answer.cutAfterBytes ?? answer.stallAfterBytes;
  if (limit === undefined || limit >= content.length - start) {
    response.end(content.subarray(start));
    return;
  }
  response.write(content.subarray(start, start + limit), () => {
    if (answer.cutAfterBytes !== undefined) response.destroy();
  });
}

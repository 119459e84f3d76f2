import { serve, sendFile, type FileAnswer, type FileServer } from './file-server.test-support.ts';
import { sha256 } from './sample-files.test-support.ts';

/** A hub that speaks the APIs of both Hugging Face and ModelScope for one repository `owner/repo`. */
export interface FakeHub extends FileServer {
  /** The next file answer; taken once. */
  next: FileAnswer | undefined;
}

export interface FakeHubOptions {
  readonly file: string;
  readonly content: Uint8Array;
  /** What the metadata says, where it is not the truth. */
  readonly saysSha256?: string;
  /** Answers everything with this page, as networks with a login do. */
  readonly loginPage?: boolean;
  /** Status of the metadata. */
  readonly status?: number;
}

export async function fakeHub(options: FakeHubOptions): Promise<FakeHub> {
  const { file, content } = options;
  const sum = options.saysSha256 ?? sha256(content);
  let next: FileAnswer | undefined;
  const json: Readonly<Record<string, unknown>> = {
    '/api/models/owner/repo/tree/main': [
      { type: 'file', path: 'README.md', size: 10, oid: 'a' },
      { type: 'file', path: file, size: content.length, oid: 'b', lfs: { oid: sum, size: content.length, pointerSize: 130 } },
    ],
    '/api/v1/models/owner/repo/repo/files?Revision=master&Recursive=true': {
      Code: 200,
      Success: true,
      Data: { Files: [{ Name: file, Path: file, Type: 'blob', Size: content.length, Sha256: sum, Revision: 'c' }] },
    },
  };
  const server = await serve((request, response) => {
    const path = request.url ?? '';
    if (options.loginPage === true) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>');
    } else if (path in json) {
      response.writeHead(options.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(json[path]));
    } else if (path === `/owner/repo/resolve/main/${file}` || path === `/models/owner/repo/resolve/master/${file}`) {
      // Both hubs hand over to a store of their own.
      response.writeHead(302, { location: `/store/${file}` }).end();
    } else if (path === `/store/${file}`) {
      const answer = next;
      next = undefined;
      sendFile(request, response, content, answer);
    } else {
      response.writeHead(404).end();
    }
  });
  return {
    ...server,
    get next() {
      return next;
    },
    set next(answer) {
      next = answer;
    },
  };
}

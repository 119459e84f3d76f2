import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface PythonCall {
  readonly url: string;
  /** The headers of the call, in their order. */
  readonly headers: Readonly<Record<string, string>>;
  /** What `json=` was given, as Python's json.dumps writes it. */
  readonly body: string;
}

export interface PythonAnswer {
  readonly status: number | undefined;
  readonly json: unknown;
}

/** What `requests.post(url, headers=..., json=...)` of requests 2.32 puts on the wire: its own headers first, then those of the call. */
export async function sendAsRequests({ url, headers, body }: PythonCall): Promise<PythonAnswer> {
  const own = {
    'User-Agent': 'python-requests/2.32.5',
    'Accept-Encoding': 'gzip, deflate',
    Accept: '*/*',
    Connection: 'keep-alive',
  };
  const answered = Promise.withResolvers<PythonAnswer>();
  const sent = request(
    url,
    { method: 'POST', headers: { ...own, ...headers, 'Content-Length': String(Buffer.byteLength(body)) } },
    (reply) =>
      void text(reply).then(
        (said) => answered.resolve({ status: reply.statusCode, json: JSON.parse(said) }),
        (error: unknown) => answered.reject(error),
      ),
  );
  sent.once('error', answered.reject);
  sent.end(body);
  return await answered.promise;
}

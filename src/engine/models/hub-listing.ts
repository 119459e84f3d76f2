import type { z } from 'zod';
import { FlashmuxError } from '../../model/fault.ts';
import type { Outgoing } from '../../net/outgoing.ts';
import { leave, refusal } from './fetch-file.ts';
import { parseJson } from './parse-json.ts';

const maxListingBytes = 8_000_000;

/**
 * Reads a short JSON document from a hub. Undefined for 404: the hub has no such repository. Throws `upstream_refused` for what
 * is not the document (a login page of the network, for one), else as `Outgoing.send` does.
 */
export async function readHubJson<T>(
  outgoing: Outgoing,
  url: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const answer = await outgoing.send(
    {
      method: 'GET',
      url,
      headers: { accept: 'application/json' },
      owner: 'operator',
      headTimeoutMs: 10_000,
      idleTimeoutMs: 10_000,
      maxRedirects: 3,
    },
    signal,
  );
  if (answer.status !== 200) {
    await leave(answer);
    if (answer.status === 404) return undefined;
    throw refusal(answer);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    if (bytes > maxListingBytes) throw new FlashmuxError('upstream_refused', `${url} answers with more than a list of files.`);
    chunks.push(chunk);
  }
  const read = schema.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
  if (read.success) return read.data;
  throw new FlashmuxError('upstream_refused', `${url} does not answer with a list of files.`, { cause: read.error });
}

import { FlashmuxError } from '../../model/fault.ts';

/** A whole body as text. Throws `upstream_failed` beyond the limit, or cuts there where a beginning will do. */
export async function readText(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number,
  beyond: 'cut' | 'throw' = 'throw',
): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes <= limitBytes) continue;
    if (beyond === 'cut') break;
    throw new FlashmuxError('upstream_failed', `The upstream sent an answer of more than ${limitBytes} bytes.`);
  }
  return Buffer.concat(pieces).subarray(0, limitBytes).toString('utf8');
}

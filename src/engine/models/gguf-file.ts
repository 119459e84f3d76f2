import { open } from 'node:fs/promises';
import { FlashmuxError } from '../../model/fault.ts';

/**
 * Looks at the first bytes of a file that should be a GGUF model, version 2 or 3. Throws `invalid_request` for anything else, with
 * a guess at what it is: web pages and Git LFS pointers are what downloads most often bring in place of a model.
 */
export async function checkGguf(path: string): Promise<void> {
  const head = await readHead(path);
  if (head.subarray(0, 4).equals(magic) && head.length >= 24) {
    const version = head.readUInt32LE(4);
    if (version === 2 || version === 3) return;
    throw notGguf(path, `it is GGUF version ${version}, and 2 and 3 can be read`);
  }
  throw notGguf(path, `it ${guess(head)}`);
}

const magic = Buffer.from('GGUF');

function guess(head: Buffer): string {
  const text = head.toString('latin1').trimStart();
  if (head.length === 0) return 'is empty';
  if (text.startsWith('version https://git-lfs')) {
    return 'is a Git LFS pointer: the repository was cloned without its large files; run `git lfs pull` there';
  }
  if (/^<(?:!doctype|html|\?xml)/i.test(text)) {
    return 'is a web page; use the download address of the file (at a hub, with /resolve/ in place of /blob/)';
  }
  if (text.startsWith('{')) return 'is JSON, perhaps the error message of a server';
  if (head.subarray(0, 2).toString('latin1') === 'PK')
    return 'is a zip archive or a PyTorch checkpoint; convert it to GGUF first';
  if (head.subarray(8, 10).toString('latin1') === '{"') return 'is a safetensors file; convert it to GGUF first';
  if (head.subarray(0, 4).equals(magic)) return 'ends in the middle of its header';
  return 'does not begin with the letters GGUF';
}

function notGguf(path: string, what: string): FlashmuxError {
  return new FlashmuxError('invalid_request', `${path} is no model that flashmux can run: ${what}.`, { param: 'model' });
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

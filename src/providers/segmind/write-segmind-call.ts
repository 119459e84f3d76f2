import type { GenerateRequest } from '../../model/request.ts';
import { splitModel } from '../../protocols/segmind/call-model.ts';
import { segmind } from '../../protocols/segmind/segmind.ts';
import type { WrittenCall } from '../http-host/host-protocol.ts';
import { applyQuirks } from '../openai-compatible/apply-quirks.ts';
import type { Quirks } from '../quirks.ts';
import { asStrings } from './as-strings.ts';

/** A request as Segmind takes it: its model in the path. Throws `unsupported_media` for content that has no place there. Pure. */
export function writeSegmindCall(request: GenerateRequest, quirks: Quirks): WrittenCall {
  const written = segmind.client.writeRequest(request);
  const quirked = applyQuirks(written.body, request, quirks);
  const { model, body } = splitModel(quirked.body);
  const spoken = asStrings(body);
  // Ids may have an owner before a slash.
  const path = `/${model.split('/').map(encodeURIComponent).join('/')}`;
  return { path, body: spoken.body, notices: [...written.notices, ...quirked.notices, ...spoken.notices] };
}

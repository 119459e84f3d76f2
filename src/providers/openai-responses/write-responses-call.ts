import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { openaiResponses } from '../../protocols/openai-responses/openai-responses.ts';
import { applyResponsesQuirks } from './apply-responses-quirks.ts';
import { fitTurns } from './fit-turns.ts';
import type { ResponsesQuirks } from './responses-quirks.ts';

/** A request as the body that this host takes. Throws `unsupported_media` for content that the host cannot read. Pure. */
export function writeResponsesCall(
  request: GenerateRequest,
  quirks: ResponsesQuirks,
): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const { turns, notices: fitted } = fitTurns(request.turns, quirks);
  const written = openaiResponses.client.writeRequest({ ...request, turns });
  const { body, notices } = applyResponsesQuirks(written.body, request, quirks);
  return { body, notices: [...fitted, ...written.notices, ...notices] };
}

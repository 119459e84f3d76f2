import { openaiResponsesDialect as dialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import type { CountInput } from '../../exchange/count-input.ts';
import { readJsonBody } from '../read-body.ts';
import { sendJson } from '../reply.ts';
import type { KeyedRoute } from '../route.ts';
import { planResponse } from './plan-response.ts';
import type { ResponseDeps } from './response-deps.ts';

/** `POST /v1/responses/input_tokens`: what a response with this body would be asked, counted and neither run nor charged. */
export function inputTokensRoute(deps: ResponseDeps, countInput: CountInput): KeyedRoute {
  return {
    method: 'POST',
    path: '/v1/responses/input_tokens',
    key: 'required',
    dialect,
    async answer({ incoming, caller }) {
      const body = await readJsonBody(incoming);
      const { signal } = incoming;
      const { request } = await planResponse({ body, caller, signal }, deps);
      incoming.record.model = request.model;
      const inputTokens = await countInput({ caller, request, signal });
      await sendJson(incoming, 200, { object: 'response.input_tokens', input_tokens: inputTokens });
    },
  };
}

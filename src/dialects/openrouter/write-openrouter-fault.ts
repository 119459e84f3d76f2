import type { FaultCode, FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import { wire } from '../../protocols/wire/said.ts';

/**
 * OpenRouter's error object. `code` is a number, the HTTP status: its SDK refuses a text. `metadata.error_type` is required in an
 * error inside a stream (@openrouter/sdk 1.3.19), so it is always there.
 */
export function writeOpenrouterFault({ code, message, param, row, upstream }: FlashmuxError, requestId: string): JsonObject {
  const metadata = wire({
    error_type: errorTypes[code],
    flashmux_code: row.openaiCode,
    request_id: requestId,
    param,
    provider_name: upstream?.provider,
    raw: upstream?.body,
  });
  return { code: row.status, message, metadata };
}

/** The types of errors that OpenRouter keeps the same over all its APIs (@openrouter/sdk 1.3.19). */
const errorTypes = {
  invalid_json: 'invalid_request',
  invalid_request: 'invalid_request',
  unsupported_value: 'invalid_request',
  unsupported_media: 'invalid_request',
  invalid_schema: 'invalid_request',
  context_length_exceeded: 'context_length_exceeded',
  missing_key: 'authentication',
  invalid_key: 'authentication',
  insufficient_credits: 'payment_required',
  forbidden: 'permission_denied',
  unknown_route: 'not_found',
  unknown_model: 'not_found',
  not_found: 'not_found',
  previous_response_not_found: 'not_found',
  wrong_method: 'invalid_request',
  request_timeout: 'timeout',
  conflict: 'precondition_failed',
  still_running: 'precondition_failed',
  body_too_large: 'payload_too_large',
  unsupported_content_type: 'invalid_request',
  idempotency_mismatch: 'unprocessable',
  headers_too_large: 'payload_too_large',
  rate_limited: 'rate_limit_exceeded',
  cancelled: 'unmapped',
  internal: 'server',
  upstream_failed: 'provider_unavailable',
  answer_unfit: 'provider_unavailable',
  upstream_refused: 'provider_unavailable',
  engine_crashed: 'provider_unavailable',
  overloaded: 'provider_overloaded',
  shutting_down: 'provider_unavailable',
  model_not_ready: 'provider_unavailable',
  no_host: 'provider_unavailable',
  upstream_timeout: 'timeout',
  connection_expired: 'timeout',
} as const satisfies Record<FaultCode, string>;

/**
 * Sums of all records there are, for a store that has none of them yet: part of step 8 of the schema on both databases, and so never
 * edited. From then on each record is added to them in its own transaction (sum-operations.ts). What a call did not say is an empty
 * text here, because a key of a table holds no null.
 */
export const sumsOfRecords = `
INSERT INTO usage_sums (
  account_id, unit, starts_at, key_id, answering_model, provider, used_own_key,
  requests, charged, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens
) SELECT
  account_id, 'hour', ended_at / 3600000 * 3600000, COALESCE(key_id, ''), COALESCE(answering_model, ''), COALESCE(provider, ''),
  COALESCE(used_own_key, 0), COUNT(*), SUM(charged), COALESCE(SUM(input_tokens), 0), COALESCE(SUM(cache_read_tokens), 0),
  COALESCE(SUM(output_tokens), 0), COALESCE(SUM(reasoning_tokens), 0)
FROM request_records GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO usage_sums (
  account_id, unit, starts_at, key_id, answering_model, provider, used_own_key,
  requests, charged, input_tokens, cache_read_tokens, output_tokens, reasoning_tokens
) SELECT
  account_id, 'day', starts_at / 86400000 * 86400000, key_id, answering_model, provider,
  used_own_key, SUM(requests), SUM(charged), SUM(input_tokens), SUM(cache_read_tokens),
  SUM(output_tokens), SUM(reasoning_tokens)
FROM usage_sums WHERE unit = 'hour' GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO tool_sums (account_id, unit, starts_at, tool, requests, calls, billed)
SELECT account_id, 'hour', ended_at / 3600000 * 3600000, tool, COUNT(*), SUM(calls), SUM(tool_lines.billed)
FROM request_records JOIN tool_lines ON tool_lines.request_id = request_records.request_id GROUP BY 1, 2, 3, 4;

INSERT INTO tool_sums (account_id, unit, starts_at, tool, requests, calls, billed)
SELECT account_id, 'day', starts_at / 86400000 * 86400000, tool, SUM(requests), SUM(calls), SUM(billed)
FROM tool_sums WHERE unit = 'hour' GROUP BY 1, 2, 3, 4;
`;

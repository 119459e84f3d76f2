import type { KeyInfo } from '../../access/key-admin.ts';
import type { JsonObject } from '../../model/json.ts';

/** The fields of OpenRouter's `GET /key` for things that flashmux does not have: own keys of callers, free models, workspaces. */
export function describeOpenrouterKey({ requestsPerMinute }: KeyInfo): JsonObject {
  return {
    byok_usage: 0,
    byok_usage_daily: 0,
    byok_usage_weekly: 0,
    byok_usage_monthly: 0,
    include_byok_in_limit: false,
    free_model_daily_requests: { limit: 0, used: 0, remaining: 0 },
    allowed_data_regions: ['global'],
    is_provisioning_key: false,
    creator_user_id: null,
    organization_id: null,
    workspace_id: null,
    // -1 is OpenRouter's word for a key without a limit.
    rate_limit: { requests: requestsPerMinute ?? -1, interval: '60s', note: 'Requests of this key in any minute.' },
  };
}

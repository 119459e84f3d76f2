import { any, forms, list, object, type Shape } from '../request-shape.ts';

/*
 * The requests of Anthropic Messages as each host documents them: fields, blocks, fields of blocks. The tests in tests/hosts hold what is
 * sent against a schema of each host that was written from its documentation a second time.
 */

interface Documented {
  /** Beside those that every host has. */
  readonly fields: Readonly<Record<string, Shape>>;
  /** False: no `tool_choice`. */
  readonly choice?: boolean;
  readonly mark: boolean;
  readonly media: Readonly<Record<string, Shape>>;
  /** Blocks beside text, thoughts, calls, results and media. */
  readonly blocks?: Readonly<Record<string, Shape>>;
  /** Fields of a tool beside name, description and schema. */
  readonly tool: Readonly<Record<string, Shape>>;
}

function request({ fields, choice = true, mark, media, blocks = {}, tool }: Documented): Shape {
  const beside = mark ? ['cache_control'] : [];
  const text = { text: object(any('type', 'text', 'citations', ...beside)) };
  const result = list(forms('type', { ...text, ...media, ...blocks }));
  const content = list(
    forms('type', {
      ...text,
      ...media,
      ...blocks,
      thinking: object(any('type', 'thinking', 'signature')),
      redacted_thinking: object(any('type', 'data')),
      tool_use: object(any('type', 'id', 'name', 'input', 'caller', ...beside)),
      tool_result: object({ ...any('type', 'tool_use_id', 'is_error', ...beside), content: result }),
    }),
  );
  return object({
    ...any('model', 'max_tokens', 'stop_sequences', 'stream', 'temperature', 'top_p', 'top_k'),
    messages: list(object({ ...any('role'), content })),
    system: list(forms('type', text)),
    tools: list(object({ ...any('name', 'description', 'input_schema', ...beside), ...tool })),
    ...(choice ? { tool_choice: object(any('type', 'name', 'disable_parallel_tool_use')) } : {}),
    ...fields,
  });
}

const image = { image: object(any('type', 'source')) };
const thinking = { thinking: object(any('type', 'budget_tokens')) };
const everyConfig = { output_config: object(any('effort', 'format')) };

/** Types of @anthropic-ai/sdk 1.11 and, for what they no longer have, the guides of older models (2026-11). */
export const anthropicShape = request({
  fields: {
    ...any('cache_control', 'container', 'context_management', 'diagnostics', 'inference_geo', 'mcp_servers', 'metadata'),
    ...any('service_tier', 'speed'),
    thinking: object(any('type', 'budget_tokens', 'display')),
    output_config: object(any('effort', 'format', 'task_budget')),
  },
  mark: true,
  media: {
    image: object(any('type', 'source', 'cache_control')),
    document: object(any('type', 'source', 'title', 'context', 'citations', 'cache_control')),
  },
  // What its own tools say; they go back as they came.
  blocks: {
    ...any('server_tool_use', 'web_search_tool_result', 'web_fetch_tool_result', 'tool_search_tool_result', 'tool_reference'),
    ...any('code_execution_tool_result', 'bash_code_execution_tool_result', 'text_editor_code_execution_tool_result'),
    ...any('mcp_tool_use', 'mcp_tool_result', 'search_result', 'container_upload', 'compaction'),
  },
  tool: {
    ...any('type', 'strict', 'allowed_callers', 'async', 'defer_loading', 'eager_input_streaming', 'input_examples'),
    // Of the tools that it runs itself.
    ...any(
      'max_uses',
      'allowed_domains',
      'blocked_domains',
      'user_location',
      'citations',
      'max_content_tokens',
      'max_characters',
    ),
    ...any(
      'display_width_px',
      'display_height_px',
      'display_number',
      'enable_zoom',
      'mcp_server_name',
      'default_config',
      'configs',
    ),
  },
});

/** Model Studio on its Anthropic-compatible Messages (2026). */
export const dashscopeMessagesShape = request({
  fields: thinking,
  mark: true,
  media: { image: object(any('type', 'source', 'cache_control')) },
  tool: any('type', 'strict'),
});

/** vllm/entrypoints/anthropic/protocol.py (2026). */
export const vllmMessagesShape = request({
  fields: { ...any('metadata', 'chat_template_kwargs', 'kv_transfer_params'), ...everyConfig },
  mark: false,
  media: image,
  blocks: any('tool_reference'),
  tool: any('strict', 'defer_loading'),
});

/** python/sglang/srt/entrypoints/anthropic/protocol.py (2026). */
export const sglangMessagesShape = request({
  fields: { ...any('metadata'), ...thinking },
  mark: false,
  media: image,
  tool: any('strict'),
});

/** README of llama.cpp's server (2026). */
export const llamaServerMessagesShape = request({ fields: {}, mark: false, media: image, tool: any('strict') });

/** Ollama on Anthropic compatibility, and anthropic/anthropic.go (2026): `tool_choice` and `metadata` are read and have no effect. */
export const ollamaMessagesShape = request({
  fields: { ...thinking, output_config: object(any('effort')) },
  choice: false,
  mark: false,
  media: image,
  tool: any('strict'),
});

/** What the descendants of the protocol have in common. */
export const commonMessagesShape = request({ fields: thinking, mark: false, media: image, tool: any('strict') });

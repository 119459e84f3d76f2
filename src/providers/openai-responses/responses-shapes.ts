import { any, forms, list, object, type Shape } from '../request-shape.ts';

/*
 * The requests of Responses as each host documents them: fields, items, content of items. The tests in tests/hosts hold what is sent
 * against a schema of each host that was written from its documentation a second time.
 */

interface Documented {
  /** Beside those that every host has. */
  readonly fields: Readonly<Record<string, Shape>>;
  /** Content of messages beside text, and fields of all content. */
  readonly media: readonly string[];
  readonly beside?: readonly string[];
  /** Items beside messages, thoughts, calls and results. */
  readonly items?: Readonly<Record<string, Shape>>;
  /** Types of tools beside functions, and fields of a function beside the usual ones. */
  readonly tools?: Readonly<Record<string, Shape>>;
  readonly tool?: readonly string[];
}

function request({ fields, media, beside = [], items = {}, tools = {}, tool = [] }: Documented): Shape {
  const read = Object.fromEntries(
    media.map((type): [string, Shape] => [type, object(any('type', ...mediaFields(type), ...beside))]),
  );
  const heard = { input_text: object(any('type', 'text', ...beside)), ...read };
  const spoken = {
    output_text: object(any('type', 'text', 'annotations', 'logprobs')),
    refusal: object(any('type', 'refusal')),
  };
  return object({
    ...any('model', 'instructions', 'max_output_tokens', 'stream'),
    input: list(
      forms('type', {
        message: object({
          ...any('type', 'role', 'id', 'status', 'phase'),
          content: list(forms('type', { ...heard, ...spoken })),
        }),
        reasoning: object(any('type', 'id', 'summary', 'content', 'encrypted_content', 'status')),
        function_call: object(any('type', 'id', 'call_id', 'name', 'arguments', 'status')),
        function_call_output: object({ ...any('type', 'id', 'call_id', 'status'), output: list(forms('type', heard)) }),
        ...items,
      }),
    ),
    tools: list(
      forms('type', { function: object(any('type', 'name', 'description', 'parameters', 'strict', ...tool)), ...tools }),
    ),
    ...fields,
  });
}

function mediaFields(type: string): readonly string[] {
  switch (type) {
    case 'input_image':
      return ['image_url', 'file_id', 'detail'];
    case 'input_file':
      return ['file_url', 'file_data', 'file_id', 'filename', 'detail'];
    default:
      return ['video_url'];
  }
}

const textOption = { text: object(any('format', 'verbosity')) };
const sampling = any('temperature', 'top_p');
const choosing = any('tool_choice');

/** Tools of OpenAI that this gateway has no word for. */
const openaiTools = {
  ...any(
    'web_search',
    'web_search_2025_08_26',
    'web_search_preview',
    'web_search_preview_2025_03_11',
    'file_search',
    'code_interpreter',
    'image_generation',
    'computer',
    'mcp',
  ),
  ...any('custom', 'local_shell', 'shell', 'apply_patch'),
};

/** Items of OpenAI's own tools, which go back as they came. */
const openaiItems = {
  ...any('web_search_call', 'file_search_call', 'computer_call', 'computer_call_output', 'image_generation_call'),
  ...any('code_interpreter_call', 'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output'),
  ...any('apply_patch_call', 'apply_patch_call_output', 'mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response'),
  ...any('mcp_call', 'custom_tool_call', 'custom_tool_call_output', 'compaction'),
};

/** API reference and types of the openai package 7.55.0 (2026-11). */
export const openaiResponsesShape = request({
  fields: {
    ...any('include', 'max_tool_calls', 'metadata', 'moderation', 'parallel_tool_calls', 'prompt_cache_key'),
    ...any('prompt_cache_options', 'prompt_cache_retention', 'safety_identifier', 'service_tier', 'store'),
    stream_options: object(any('include_obfuscation')),
    ...any('top_logprobs', 'truncation', 'user', 'context_management'),
    reasoning: object(any('effort', 'summary', 'generate_summary')),
    ...textOption,
    ...sampling,
    ...choosing,
  },
  media: ['input_image', 'input_file'],
  beside: ['prompt_cache_breakpoint'],
  items: openaiItems,
  tools: openaiTools,
  tool: ['allowed_callers', 'async', 'defer_loading', 'output_schema'],
});

/** Model Studio on its Responses (2026): parameters that it does not list are ignored, `text` among them. */
export const dashscopeResponsesShape = request({
  fields: { ...any('enable_thinking', 'store'), reasoning: object(any('effort')), ...sampling, ...choosing },
  media: ['input_image'],
  items: {
    ...any('web_search_call', 'web_extractor_call', 'code_interpreter_call', 'web_search_image_call', 'image_search_call'),
    ...any('file_search_call', 'mcp_call'),
  },
  tools: any('web_search', 'web_extractor', 'code_interpreter', 'web_search_image', 'image_search', 'file_search', 'mcp'),
});

/** The parameters of EmpirioLabs' page (2026-11), which has one list for its three endpoints. */
export const empiriolabsResponsesShape = request({
  fields: {
    ...any(
      'stop',
      'enable_thinking',
      'thinking_budget',
      'reasoning_effort',
      'vl_high_resolution_images',
      'max_pixels',
      'video_fps',
    ),
    ...any('treat_images_as_video', 'disable_formatting', 'tool_web_search', 'tool_web_extractor', 'tool_code_interpreter'),
    ...any('tool_web_search_image', 'tool_image_search'),
    ...textOption,
    ...sampling,
    ...choosing,
  },
  media: ['input_image', 'input_video'],
});

/** vllm/entrypoints/openai/responses/protocol.py (2026): what says how to answer, not how to spread the work. */
export const vllmResponsesShape = request({
  fields: {
    ...any(
      'include',
      'logit_bias',
      'max_tool_calls',
      'metadata',
      'parallel_tool_calls',
      'prompt_cache_key',
      'repetition_penalty',
    ),
    ...any('seed', 'service_tier', 'stop', 'store', 'top_k', 'top_logprobs', 'truncation', 'user'),
    reasoning: object(any('effort', 'summary', 'generate_summary')),
    ...textOption,
    ...sampling,
    ...choosing,
  },
  media: ['input_image'],
  items: openaiItems,
  tools: openaiTools,
});

/** openai/responses.go of Ollama (2026): no choice of tools, nothing kept, and an item of another type is an error. */
export const ollamaResponsesShape = request({
  fields: {
    ...any('truncation'),
    reasoning: object(any('effort', 'summary', 'generate_summary')),
    ...textOption,
    ...sampling,
  },
  media: ['input_image'],
});

/** What the descendants of the protocol have in common. */
export const commonResponsesShape = request({
  fields: {
    ...any('parallel_tool_calls', 'store'),
    reasoning: object(any('effort', 'summary')),
    ...textOption,
    ...sampling,
    ...choosing,
  },
  media: ['input_image'],
});

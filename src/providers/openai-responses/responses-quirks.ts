import type { Effort, ServerToolName } from '../../model/request.ts';
import type { Shape } from '../request-shape.ts';
import * as shapes from './responses-shapes.ts';
import { holdsEverything, holdsNothing, type Abilities } from '../guaranteed/abilities.ts';

/** How one kind of host of Responses differs from the protocol as it is written. Data: a new host is a new row. */
export interface ResponsesQuirks {
  /** Where the facts of the row were seen. */
  readonly seen: string;
  /** What the host documents of a request: nothing else reaches it. Absent: it takes, or ignores, what it does not know. */
  readonly request?: Shape;
  /** Whether it keeps responses where it is not told otherwise. */
  readonly stores: boolean;
  /** Smallest and largest values; what lies outside is moved to the end, with a notice. */
  readonly ranges: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
  readonly thinking: ResponsesThinking;
  /** What `include` may ask for. */
  readonly includes: readonly string[] | 'any';
  /** Thoughts without encrypted content: where they are `refused`, they are left out, with a notice. */
  readonly unsealedThoughts: 'read' | 'refused';
  /** True: the ids of items begin with its own prefix for their type, and another one is refused. */
  readonly checksItemIds: boolean;
  /** What it reads beside text, thoughts, calls and results. */
  readonly media: readonly ('image' | 'document' | 'audio' | 'video')[];
  /** False: how to look at a picture (frames a second, pixels) cannot be said. */
  readonly pictureWishes: boolean;
  /** False: `prompt_cache_breakpoint` means nothing there. */
  readonly cacheMarks: boolean;
  /** False: a developer message becomes a system message. */
  readonly developerRole: boolean;
  readonly serverTools: ResponsesServerTools;
  /** True: a tool whose `strict` is left out is held to its schema, which callers of other protocols did not ask for. */
  readonly strictUnlessSaid: boolean;
  readonly abilities: Abilities;
  /** As in quirks.ts. */
  readonly stopsWhenAborted: boolean;
  /** As in quirks.ts. */
  readonly inlineThink: boolean;
}

export type ResponsesThinking =
  /** As this protocol's reader reads it: every word at once. */
  | { readonly kind: 'as-written' }
  | { readonly kind: 'effort'; readonly efforts: readonly Effort[] }
  /** `enable_thinking` beside `reasoning.effort`. */
  | { readonly kind: 'enable_thinking' }
  /** `enable_thinking`, `thinking_budget` and `reasoning_effort` at the top, as on the chat face. */
  | { readonly kind: 'top level'; readonly efforts: readonly Effort[] };

export type ResponsesServerTools =
  /** Entries of `tools` of these types. `inContainer`: code wants to be told where it runs. */
  | { readonly kind: 'types'; readonly names: readonly ServerToolName[]; readonly inContainer: boolean }
  /** Fields such as `tool_web_search: true`. */
  | { readonly kind: 'fields' };

export type ResponsesQuirksName = keyof typeof responsesRows;

const plain = {
  stores: true,
  ranges: {},
  includes: [],
  unsealedThoughts: 'read',
  checksItemIds: false,
  media: ['image'],
  pictureWishes: false,
  cacheMarks: false,
  developerRole: false,
  serverTools: { kind: 'types', names: [], inContainer: false },
  strictUnlessSaid: false,
  abilities: holdsEverything,
  stopsWhenAborted: true,
  inlineThink: false,
} as const satisfies Partial<ResponsesQuirks>;

const allTools = ['web_search', 'web_extractor', 'code_interpreter', 'web_search_image', 'image_search'] as const;

export const responsesRows = {
  openai: {
    ...plain,
    seen: 'API reference of Responses and types of the openai package 7.55.0, 2026-11',
    request: shapes.openaiResponsesShape,
    ranges: { max_output_tokens: { min: 16 }, temperature: { max: 2 }, top_logprobs: { max: 20 } },
    thinking: { kind: 'effort', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] },
    includes: 'any',
    unsealedThoughts: 'refused',
    checksItemIds: true,
    media: ['image', 'document'],
    cacheMarks: true,
    developerRole: true,
    serverTools: { kind: 'types', names: ['web_search', 'code_interpreter'], inContainer: true },
    strictUnlessSaid: true,
  },
  generic: {
    ...plain,
    seen: 'What the descendants of this protocol agree on',
    request: shapes.commonResponsesShape,
    thinking: { kind: 'effort', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] },
    abilities: {
      ...holdsEverything,
      json: 'unsure',
      schema: 'unsure',
      formBesideTools: false,
      anyCall: 'unsure',
      namedCall: 'unsure',
    },
    stopsWhenAborted: false,
  },
  dashscope: {
    ...plain,
    seen: 'Model Studio documentation on its Responses, 2026: parameters that it does not list are ignored, text.format among them',
    request: shapes.dashscopeResponsesShape,
    ranges: { max_output_tokens: { min: 16 }, temperature: { max: 1.99 }, top_p: { min: 0.01 } },
    thinking: { kind: 'enable_thinking' },
    serverTools: { kind: 'types', names: allTools, inContainer: false },
    // As on its chat face, where a choice cannot be forced while the model thinks.
    abilities: { ...holdsNothing, noCall: true, namedCall: 'without-thinking' },
    stopsWhenAborted: false,
  },
  empiriolabs: {
    ...plain,
    seen: 'EmpirioLabs model page qwen3-5-flash with its variant: one list of parameters for its three endpoints (2026-11)',
    request: shapes.empiriolabsResponsesShape,
    stores: false,
    thinking: { kind: 'top level', efforts: ['none', 'low', 'medium', 'high', 'max'] },
    media: ['image', 'video'],
    serverTools: { kind: 'fields' },
    abilities: {
      ...holdsEverything,
      json: 'without-thinking',
      schema: 'without-thinking',
      anyCall: 'without-thinking',
      namedCall: 'without-thinking',
    },
    stopsWhenAborted: false,
  },
  vllm: {
    ...plain,
    seen: 'vLLM, entrypoints/openai/responses/protocol.py, 2026',
    request: shapes.vllmResponsesShape,
    thinking: { kind: 'effort', efforts: ['none', 'low', 'medium', 'high'] },
    // It refuses a word that is not on its list.
    includes: [
      'code_interpreter_call.outputs',
      'computer_call_output.output.image_url',
      'file_search_call.results',
      'message.input_image.image_url',
      'message.output_text.logprobs',
      'reasoning.encrypted_content',
    ],
    abilities: { ...holdsEverything, json: 'unsure', formBesideTools: false },
    inlineThink: true,
  },
  ollama: {
    ...plain,
    seen: 'Ollama, openai/responses.go, 2026: no choice of tools, nothing kept',
    request: shapes.ollamaResponsesShape,
    stores: false,
    thinking: { kind: 'effort', efforts: ['none', 'low', 'medium', 'high', 'max'] },
    abilities: { ...holdsNothing, schema: 'unsure', formBesideTools: false },
  },
  flashmux: {
    ...plain,
    seen: 'src/protocols/openai-responses: the same code at the other end',
    thinking: { kind: 'as-written' },
    includes: 'any',
    media: ['image', 'document', 'audio', 'video'],
    pictureWishes: true,
    cacheMarks: true,
    developerRole: true,
    serverTools: { kind: 'types', names: allTools, inContainer: false },
  },
} as const satisfies Record<string, ResponsesQuirks>;

import type { Shape } from '../request-shape.ts';
import * as shapes from './messages-shapes.ts';
import { holdsEverything, holdsNothing, type Abilities } from '../guaranteed/abilities.ts';

/** How one kind of host of Anthropic Messages differs from the protocol as it is written. Data: a new host is a new row. */
export interface MessagesQuirks {
  /** Where the facts of the row were seen. */
  readonly seen: string;
  readonly keyHeader: 'x-api-key' | 'authorization';
  /** What the host documents of a request: nothing else reaches it. Absent: it takes, or ignores, what it does not know. */
  readonly request?: Shape;
  /** Smallest and largest values; what lies outside is moved to the end, with a notice. */
  readonly ranges: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
  readonly thinking: MessagesThinking;
  /** What `output_config` may hold. */
  readonly config: readonly ('effort' | 'format')[];
  /** Thoughts that the host itself did not sign: `refused` ones are left out, with a notice. */
  readonly unsignedThoughts: 'read' | 'refused';
  /** True: texts and stop sequences of nothing but white space are refused. */
  readonly refusesBlank: boolean;
  /** False: later words of the system stand in `system` too, because messages are of user and assistant only. */
  readonly systemMessages: boolean;
  /** False: `cache_control` means nothing there. */
  readonly cacheMarks: boolean;
  /** What it reads beside text, calls, results and thoughts. `file`: what was uploaded to it, by its id. */
  readonly media: readonly ('image' | 'image address' | 'document' | 'file')[];
  /** False: it has tools of the caller only. */
  readonly serverTools: boolean;
  /** Whether it has `POST /messages/count_tokens`. */
  readonly countsTokens: boolean;
  /** This protocol has no JSON mode without a schema, so `json` is always held by us. */
  readonly abilities: Abilities & { readonly json: 'never' };
  /** As in quirks.ts. */
  readonly stopsWhenAborted: boolean;
  /** As in quirks.ts. */
  readonly inlineThink: boolean;
}

export type MessagesThinking =
  | {
      readonly kind: 'thinking';
      /** False: thinking is `enabled` or `disabled`, and how much is not left to the model. */
      readonly adaptive: boolean;
      /** Smallest budget; a smaller one is raised to it. Absent: any. */
      readonly minBudgetTokens?: number;
      /** What cannot be wished for while the model thinks. Sampling: a temperature other than 1, `top_k`, a `top_p` below 0.95. */
      readonly excludes: readonly ('sampling' | 'forced choice')[];
      /** True: a conversation that goes on after results must begin its last answer with a signed thought. */
      readonly wantsItsThoughts: boolean;
    }
  /** Arguments of the model's chat template: a switch, and no budget. */
  | { readonly kind: 'chat_template_kwargs' }
  | { readonly kind: 'none' };

export type MessagesQuirksName = keyof typeof messagesRows;

const held = { ...holdsEverything, json: 'never' } as const;
const heldNowhere = { ...holdsNothing, json: 'never' } as const;

const plain = {
  keyHeader: 'x-api-key',
  ranges: {},
  thinking: { kind: 'thinking', adaptive: true, excludes: [], wantsItsThoughts: false },
  config: ['effort', 'format'],
  unsignedThoughts: 'read',
  refusesBlank: false,
  systemMessages: true,
  cacheMarks: true,
  media: ['image', 'image address', 'document', 'file'],
  serverTools: true,
  countsTokens: false,
  abilities: held,
  stopsWhenAborted: true,
  inlineThink: false,
} as const satisfies Partial<MessagesQuirks>;

/** Servers that render the chat template of an open-weight model. */
const templated = {
  ...plain,
  cacheMarks: false,
  media: ['image', 'image address'],
  serverTools: false,
  // As on the chat faces of these servers.
  abilities: { ...held, formBesideTools: false },
  inlineThink: true,
} as const satisfies Partial<MessagesQuirks>;

export const messagesRows = {
  anthropic: {
    ...plain,
    seen: 'API reference of Messages and guides on thinking, caching and token counting; types of @anthropic-ai/sdk 1.11 (2026-11)',
    request: shapes.anthropicShape,
    ranges: { temperature: { max: 1 }, top_p: { max: 1 } },
    thinking: {
      kind: 'thinking',
      adaptive: true,
      minBudgetTokens: 1024,
      excludes: ['sampling', 'forced choice'],
      wantsItsThoughts: true,
    },
    unsignedThoughts: 'refused',
    refusesBlank: true,
    countsTokens: true,
    abilities: { ...held, anyCall: 'without-thinking', namedCall: 'without-thinking' },
  },
  generic: {
    ...plain,
    seen: 'What the descendants of this protocol agree on',
    request: shapes.commonMessagesShape,
    thinking: { kind: 'thinking', adaptive: false, excludes: [], wantsItsThoughts: false },
    config: [],
    systemMessages: false,
    media: ['image'],
    serverTools: false,
    stopsWhenAborted: false,
    abilities: { ...heldNowhere, noCall: true, anyCall: 'unsure', namedCall: 'unsure' },
  },
  dashscope: {
    ...plain,
    seen: 'Model Studio documentation on its Anthropic-compatible Messages, 2026: a budget below max_tokens, temperature in [0, 2), no signatures',
    request: shapes.dashscopeMessagesShape,
    ranges: { temperature: { max: 1.99 } },
    thinking: { kind: 'thinking', adaptive: true, excludes: ['forced choice'], wantsItsThoughts: false },
    config: [],
    systemMessages: false,
    media: ['image', 'image address'],
    // As on the chat face.
    stopsWhenAborted: false,
    abilities: { ...heldNowhere, noCall: true, anyCall: 'without-thinking', namedCall: 'without-thinking' },
  },
  vllm: {
    ...templated,
    seen: 'vLLM, entrypoints/anthropic/protocol.py, 2026: no field for thinking, arguments of the template in its place',
    request: shapes.vllmMessagesShape,
    thinking: { kind: 'chat_template_kwargs' },
    countsTokens: true,
    abilities: { ...templated.abilities, schema: 'unsure' },
  },
  sglang: {
    ...templated,
    seen: 'SGLang, entrypoints/anthropic/protocol.py, and its page on the Anthropic API, 2026',
    request: shapes.sglangMessagesShape,
    thinking: { kind: 'thinking', adaptive: false, excludes: [], wantsItsThoughts: false },
    config: [],
    systemMessages: false,
    countsTokens: true,
    abilities: { ...templated.abilities, schema: 'never' },
  },
  'llama-server': {
    ...templated,
    seen: 'README of llama.cpp server on its Anthropic-compatible Messages, 2026: a list of parameters without thinking',
    request: shapes.llamaServerMessagesShape,
    thinking: { kind: 'none' },
    config: [],
    media: ['image'],
    countsTokens: true,
    // Choices beside auto are listed; on its chat face not every template holds them. `none` is not listed.
    abilities: { ...heldNowhere, formBesideTools: false, anyCall: 'unsure', namedCall: 'unsure' },
  },
  ollama: {
    ...plain,
    seen: 'Ollama documentation on Anthropic compatibility and anthropic/anthropic.go, 2026',
    request: shapes.ollamaMessagesShape,
    thinking: { kind: 'thinking', adaptive: false, excludes: [], wantsItsThoughts: false },
    config: ['effort'],
    cacheMarks: false,
    media: ['image'],
    serverTools: false,
    abilities: heldNowhere,
  },
  flashmux: {
    ...plain,
    seen: 'src/protocols/anthropic-messages: the same code at the other end',
    countsTokens: true,
  },
} as const satisfies Record<string, MessagesQuirks>;

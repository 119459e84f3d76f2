import { Template } from '@huggingface/jinja';

import { FlashmuxError } from '../../model/fault.ts';
import type { Json } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest, Tool } from '../../model/request.ts';
import { CallerText, type TextOwner } from './caller-text.ts';
import { promptPieces } from './prompt-pieces.ts';
import type { PromptPiece } from './prompt-pieces.ts';
import { spacedJson, taughtToolCall, taughtToolResponse, taughtToolsBlock } from './taught-tools.ts';
import { templateMessages, textOf } from './template-messages.ts';
import type { TemplateMessage, TextSpan } from './template-messages.ts';

export type { PromptPiece } from './prompt-pieces.ts';

export interface RenderedPrompt {
  readonly pieces: readonly PromptPiece[];
  /** The prompt ends in an open thought: the answer begins inside of it. */
  readonly startsInThought: boolean;
  readonly notices: readonly Notice[];
}

/** A model's own Jinja chat template. Tokenize the pieces of a rendering one by one; only in special ones do control tokens count. */
export class PromptTemplate {
  readonly supports: { readonly thinking: boolean; readonly tools: boolean };
  readonly #template: Template;
  readonly #tokens: { readonly bos_token: string; readonly eos_token: string };
  readonly #chatMl: boolean;
  readonly #takesSystem: boolean;

  /** Throws the template engine's SyntaxError for a source that is no template. */
  constructor(source: string, options: { readonly bosToken?: string; readonly eosToken?: string }) {
    this.#template = new Template(source);
    this.#tokens = { bos_token: options.bosToken ?? '', eos_token: options.eosToken ?? '' };
    this.#chatMl = source.includes('<|im_start|>') && source.includes('<|im_end|>');
    const code = [...source.matchAll(/\{[{%][^]*?[%}]\}/g)].map((block) => block[0]).join('\n');
    this.supports = {
      thinking: /\benable_thinking\b|<think>/.test(source),
      tools: /\btools\b/.test(code),
    };
    this.#takesSystem = this.#trySystem();
  }

  /**
   * Throws FlashmuxError: `invalid_request` (no user message, or the template refuses the conversation), `unsupported_media` and
   * `unsupported_value` with the path of the part.
   */
  render(request: GenerateRequest, options: { readonly thinking: boolean }): RenderedPrompt {
    const caller = new CallerText();
    const { messages, notices } = templateMessages(request.turns);
    // A model that is not told of its tools does not call them; this is the surest way to honour `none`.
    const tools = request.toolChoice?.kind === 'none' ? [] : request.tools;
    const native = this.supports.tools;
    const written = native ? messages : taughtMessages(messages);
    const teaching = native || tools.length === 0 ? '' : taughtToolsBlock(tools.map((tool) => toolLine(tool, caller)));
    const rendered = this.#run({
      messages: this.#wireMessages(written, teaching, caller),
      ...(native && tools.length > 0 ? { tools: tools.map((tool) => caller.hideJson(toolJson(tool))) } : {}),
      add_generation_prompt: true,
      // The switch has two names: Qwen's, and that of DeepSeek and Granite.
      ...(this.supports.thinking ? { enable_thinking: options.thinking, thinking: options.thinking } : {}),
    });
    const opensThought = /<think>\s*$/.test(rendered);
    // Some templates open a thought whatever they are told; closing it is the only way to switch it off.
    const closing = opensThought && !options.thinking ? '\n\n</think>\n\n' : '';
    const segments = guarded(() => caller.reveal(closing === '' ? rendered : rendered.trimEnd() + closing));
    return {
      pieces: promptPieces(segments, this.#chatMl),
      startsInThought: opensThought && closing === '',
      notices: [...notices, ...this.#thinkingNotices(request)],
    };
  }

  #run(variables: Record<string, unknown>): string {
    return guarded(() => this.#template.render({ ...this.#tokens, ...variables }));
  }

  /** Gemma's template, for one, refuses system messages; the text then opens the first user message. */
  #trySystem(): boolean {
    const user = { role: 'user', content: 'u' };
    const renders = (messages: readonly unknown[]): boolean => {
      try {
        this.#template.render({ ...this.#tokens, messages, add_generation_prompt: true });
        return true;
      } catch {
        return false;
      }
    };
    return renders([{ role: 'system', content: 's' }, user]) || !renders([user]);
  }

  #wireMessages(messages: readonly TemplateMessage[], teaching: string, caller: CallerText): readonly unknown[] {
    const shortIds = new Map<string, string>();
    // Call ids only link messages. Short ones of our own hide the caller's and please Mistral, which insists on nine letters.
    const shortId = (callId: string): string => {
      const known = shortIds.get(callId) ?? `call${String(shortIds.size).padStart(5, '0')}`;
      shortIds.set(callId, known);
      return known;
    };
    const [first, ...others] = messages;
    const system = [teaching, first?.role === 'system' ? hideSpans(first.spans, 'system', caller) : ''].filter(
      (text) => text !== '',
    );
    const rest = first?.role === 'system' ? others : messages;
    const wire = rest.map((message) => wireMessage(message, shortId, caller));
    if (system.length === 0) return wire;
    const content = system.join('\n\n');
    if (this.#takesSystem) return [{ role: 'system', content }, ...wire];
    const question = wire.findIndex((message) => message.role === 'user');
    return wire.map((message, index) =>
      index === question ? { ...message, content: `${content}\n\n${message.content}` } : message,
    );
  }

  #thinkingNotices(request: GenerateRequest): Notice[] {
    if (this.supports.thinking || request.thinking.kind !== 'on') return [];
    return [{ code: 'ignored', path: 'enable_thinking', message: 'This model has no thinking mode; it answers at once.' }];
  }
}

interface WireMessage {
  readonly role: string;
  readonly content: string;
  readonly [field: string]: unknown;
}

function wireMessage(message: TemplateMessage, shortId: (callId: string) => string, caller: CallerText): WireMessage {
  const content = hideSpans(message.spans, message.role, caller);
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content };
    case 'tool': {
      const name = message.name === undefined ? {} : { name: caller.hideWord(message.name) };
      return { role: 'tool', content, tool_call_id: shortId(message.callId), ...name };
    }
    case 'assistant': {
      const calls = message.calls.map((call) => ({
        id: shortId(call.callId),
        type: 'function',
        function: { name: caller.hideWord(call.name), arguments: caller.hideJson(call.values) },
      }));
      return {
        role: 'assistant',
        content,
        ...(message.thought === undefined ? {} : { reasoning_content: caller.hide(message.thought) }),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      };
    }
  }
}

/** Each span by itself, so that it is known where it ends. White space alone cannot be hidden, it goes with what stands before. */
function hideSpans(spans: readonly TextSpan[], owner: TextOwner, caller: CallerText): string {
  const told: TextSpan[] = [];
  for (const span of spans) {
    const last = told.at(-1);
    if (last === undefined || (last.text.trim() !== '' && span.text.trim() !== '')) told.push(span);
    else told[told.length - 1] = { ...last, ...(span.text.trim() === '' ? {} : span), text: last.text + span.text };
  }
  return told
    .map(({ text, part }, index) => {
      const ofPart = part === undefined ? {} : { part };
      return caller.hide(text, index === told.length - 1 ? { ...ofPart, owner } : ofPart);
    })
    .join('');
}

/** The conversation for a template that knows no tools: calls become the text they once were, results a user's turn. */
function taughtMessages(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  const written: TemplateMessage[] = [];
  let resultsBefore = false;
  for (const message of messages) {
    if (message.role === 'tool') {
      const span = { ...message.spans.at(-1), text: taughtToolResponse(textOf(message.spans)) };
      const last = written.at(-1);
      if (resultsBefore && last !== undefined) {
        written[written.length - 1] = { role: 'user', spans: [...last.spans, { text: '\n' }, span] };
      } else written.push({ role: 'user', spans: [span] });
    } else if (message.role === 'assistant' && message.calls.length > 0) {
      const calls = message.calls.map((call) => taughtToolCall(call.name, Object.entries(call.values).map(argument)));
      const text = [textOf(message.spans).trim(), calls.join('\n')].filter((piece) => piece !== '').join('\n\n');
      written.push({ ...message, spans: [{ ...message.spans.at(-1), text }], calls: [] });
    } else {
      written.push(message);
    }
    resultsBefore = message.role === 'tool';
  }
  return written;
}

function argument([name, value]: [string, Json]): readonly [string, string] {
  return [name, typeof value === 'string' ? value : spacedJson(value)];
}

function toolLine(tool: Tool, caller: CallerText): string {
  return caller.hide(spacedJson(toolJson(tool)));
}

function toolJson(tool: Tool): Json {
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters: tool.parameters ?? { type: 'object', properties: {} },
    },
  };
}

function guarded<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (FlashmuxError.is(error)) throw error;
    const told = error instanceof Error ? error.message : String(error);
    // oxlint-disable-next-line no-control-regex -- markers of hidden texts
    const message = told.replaceAll(/\u0001\d+\u0002/g, '...');
    throw new FlashmuxError('invalid_request', `The model's chat template refuses this conversation: ${message}`, {
      param: 'messages',
      cause: error,
    });
  }
}

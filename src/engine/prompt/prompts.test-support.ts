import { readFile } from 'node:fs/promises';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Role, Turn } from '../../model/turn.ts';
import { PromptTemplate } from './prompt-template.ts';
import type { PromptPiece, RenderedPrompt } from './prompt-template.ts';

/** What the tests of prompts share: two real templates, and short words for turns. */
export const qwenSource = await readFile(new URL('../../../tests/support/tiny-gguf/qwen3.5.jinja', import.meta.url), 'utf8');
export const qwen = new PromptTemplate(qwenSource, {});

/** The form of TinyLlama and Zephyr: no tools, no thoughts, contents as they are. */
export const zephyr = new PromptTemplate(
  `{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}`,
  { eosToken: '</s>' },
);

export function turn(role: Role, ...parts: (string | Part)[]): Turn {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? { kind: 'text', text: part } : part)) };
}

export function call(name: string, argumentsText: string, callId = 'c1'): Part {
  return { kind: 'tool-call', callId, name, argumentsText, ranBy: 'caller' };
}

export function result(text: string, callId = 'c1'): Part {
  return { kind: 'tool-result', callId, parts: [{ kind: 'text', text }] };
}

export function thought(text: string): Part {
  return { kind: 'reasoning', text };
}

export function request(turns: readonly Turn[], more: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    model: 'm',
    turns,
    tools: [],
    sampling: {},
    limits: {},
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'whole', said: false },
    ...more,
  };
}

export function render(
  template: PromptTemplate,
  turns: readonly Turn[],
  more: Partial<GenerateRequest> = {},
  thinking = true,
): RenderedPrompt {
  return template.render(request(turns, more), { thinking });
}

export function textOf(pieces: readonly PromptPiece[]): string {
  return pieces.map((piece) => piece.text).join('');
}

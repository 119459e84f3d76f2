import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { addAbortSignal, type Readable } from 'node:stream';
import type { AnswerEvent } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
import { isJsonObject, parseJson, type JsonObject } from '../model/json.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { openaiChat } from '../protocols/openai-chat/openai-chat.ts';
import { SseDecoder } from '../protocols/sse/sse-decoder.ts';
import { systemClock } from '../telemetry/clock.ts';
import { configOf, interruptSignal, logOf, wantsJson, type Context } from './context.ts';
import type { Terminal } from './terminal.ts';

interface RunFlags {
  readonly system?: string;
  /** `true` for --think without a number. */
  readonly think?: string | true;
  readonly schema?: string;
  readonly maxTokens?: string;
  readonly verbose?: boolean;
}

export function addRunCommand(program: Command, context: Context): void {
  program
    .command('run <model> [prompt]')
    .description('ask a model; standard input is added to the prompt')
    .option('--system <text>', 'system message')
    .option('--think [budget]', 'let it think, within so many tokens; the thought goes to standard error')
    .option('--schema <file>', 'JSON Schema that the answer follows')
    .option('--max-tokens <n>', 'longest answer')
    .option('-v, --verbose', 'tokens, speed and cost afterwards, on standard error')
    .action(async (model: string, lastWord: string | undefined, given: RunFlags, command: Command) => {
      const { prompt, flags } = promptOf(lastWord, given);
      const { terminal, stdin } = context;
      const loaded = configOf(context, command);
      const signal = interruptSignal();
      const piped = stdin.isTTY === true ? '' : await textOf(stdin, signal);
      const content = [prompt ?? '', piped.trim()].filter((piece) => piece !== '').join('\n\n');
      if (content === '')
        throw new FlashmuxError('invalid_request', 'There is no prompt. Give one as an argument or on standard input.');
      const { createOutgoing } = await import('../net/create-outgoing.ts');
      const { reachServer } = await import('./reach-server.ts');
      const outgoing = createOutgoing();
      try {
        const server = await reachServer({
          config: loaded.config,
          model,
          outgoing,
          terminal,
          signal,
          log: logOf(context, loaded),
        });
        try {
          const body = requestBody(server.modelId, content, flags, !wantsJson(command));
          if (wantsJson(command)) await askWhole(server, body, outgoing, terminal, signal);
          else await askStreamed(server, body, { outgoing, terminal, signal, verbose: flags.verbose === true });
        } finally {
          await server.leave();
        }
      } finally {
        await outgoing.close();
      }
    });
}

/** In `run m --think "Why?"` the prompt stands where a budget may stand. */
function promptOf(prompt: string | undefined, flags: RunFlags): { readonly prompt?: string; readonly flags: RunFlags } {
  if (prompt !== undefined) return { prompt, flags };
  if (typeof flags.think !== 'string' || /^\d+$/.test(flags.think)) return { flags };
  return { prompt: flags.think, flags: { ...flags, think: true } };
}

async function textOf(stdin: Readable, signal: AbortSignal): Promise<string> {
  try {
    return await readAll(addAbortSignal(signal, stdin));
  } catch (error) {
    if (signal.aborted) throw new FlashmuxError('cancelled', 'Interrupted.', { cause: error });
    throw error;
  }
}

function requestBody(model: string, content: string, flags: RunFlags, stream: boolean): JsonObject {
  const { think } = flags;
  return {
    model,
    messages: [...(flags.system === undefined ? [] : [{ role: 'system', content: flags.system }]), { role: 'user', content }],
    enable_thinking: think !== undefined,
    ...(typeof think === 'string' ? { thinking_budget: wholeNumber('--think', think) } : {}),
    ...(flags.maxTokens === undefined ? {} : { max_tokens: wholeNumber('--max-tokens', flags.maxTokens) }),
    ...(flags.schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: readSchema(flags.schema) } } }),
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}

function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new FlashmuxError('invalid_request', `${flag} takes a whole number from 1, not "${text}".`);
  return Number(text);
}

function readSchema(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new FlashmuxError('invalid_request', `--schema: ${file} cannot be read.`, { cause: error });
  }
  const schema = parseJson(text);
  if (!isJsonObject(schema)) throw new FlashmuxError('invalid_request', `--schema: ${file} holds no JSON object.`);
  return schema;
}

interface Target {
  readonly url: string;
  readonly key: string;
}

const patienceMs = 3_600_000;

async function post(
  target: Target,
  body: JsonObject,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<Outgoing['send']>>> {
  return await outgoing.send(
    {
      method: 'POST',
      url: `${target.url}/v1/chat/completions`,
      headers: { authorization: `Bearer ${target.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      owner: 'operator',
      headTimeoutMs: patienceMs,
      idleTimeoutMs: patienceMs,
    },
    signal,
  );
}

async function wholeText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function askWhole(
  target: Target,
  body: JsonObject,
  outgoing: Outgoing,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const answer = await post(target, body, outgoing, signal);
  const text = await wholeText(answer.body);
  if (answer.status >= 400) throw openaiChat.client.readFault(answer.status, parseJson(text) ?? text);
  terminal.out(text);
}

interface Streaming {
  readonly outgoing: Outgoing;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly verbose: boolean;
}

async function askStreamed(target: Target, body: JsonObject, { outgoing, terminal, signal, verbose }: Streaming): Promise<void> {
  const startedAt = systemClock.ticks();
  const answer = await post(target, body, outgoing, signal);
  if (answer.status >= 400) {
    const text = await wholeText(answer.body);
    throw openaiChat.client.readFault(answer.status, parseJson(text) ?? text);
  }
  const printer = new AnswerPrinter(terminal);
  const frames = new SseDecoder();
  const reader = openaiChat.client.streamReader();
  try {
    for await (const chunk of answer.body)
      for (const frame of frames.decode(chunk)) for (const event of reader.read(frame)) printer.see(event);
    for (const event of reader.end()) printer.see(event);
  } finally {
    printer.end();
  }
  if (verbose) terminal.say(printer.summary(startedAt));
}

/** Text to standard output, thoughts to standard error. */
class AnswerPrinter {
  readonly #terminal: Terminal;
  #firstAt: number | undefined;
  #tokens: { readonly input?: number; readonly output?: number } = {};
  #cost = '';
  #endsWithNewline = true;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  see(event: AnswerEvent): void {
    if (event.kind === 'notice') this.#terminal.say(`note: ${event.notice.message}`);
    if (event.kind === 'part-delta') this.#firstAt ??= systemClock.ticks();
    if (event.kind === 'part-delta' && event.delta.kind === 'text') {
      this.#terminal.write(event.delta.text);
      this.#endsWithNewline = event.delta.text.endsWith('\n');
    }
    if (event.kind === 'part-delta' && event.delta.kind === 'reasoning') this.#terminal.think(event.delta.text);
    if (event.kind === 'part-end') this.#terminal.done();
    if (event.kind === 'usage') {
      const { input, output, raw } = event.usage;
      if (typeof raw?.['cost'] === 'number') this.#cost = `, $${raw['cost'].toFixed(9).replace(/\.?0+$/, '')}`;
      this.#tokens = {
        ...(input.total === undefined ? {} : { input: input.total }),
        ...(output.total === undefined ? {} : { output: output.total }),
      };
    }
  }

  end(): void {
    if (!this.#endsWithNewline) this.#terminal.write('\n');
  }

  summary(startedAt: number): string {
    const now = systemClock.ticks();
    const firstAt = this.#firstAt ?? now;
    const { input = 0, output = 0 } = this.#tokens;
    const perSecond = now > firstAt ? (output / ((now - firstAt) / 1000)).toFixed(1) : '-';
    return `${input} tokens in, ${output} out, first after ${((firstAt - startedAt) / 1000).toFixed(2)} s, ${perSecond} tokens/s${this.#cost}`;
  }
}

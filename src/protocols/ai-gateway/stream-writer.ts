import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent, EventBatch, PartDelta, PartOpening, UsageEvent, ToldAttempt } from '../../model/event.ts';
import type { FlashmuxError } from '../../model/fault.ts';
import { Fold } from '../../model/fold.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope, StreamWriter } from '../codec.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import { carriedAt, writeMetadata } from './answer-metadata.ts';
import { writeFinishReason } from './finish-reason.ts';
import type { Specification } from './specification.ts';
import { writeUsage } from './usage.ts';
import { writeWarning } from './warnings.ts';
import { oneAnswer, sourceId, unsayable, writeResponse } from './write-answer.ts';
import { writeFault } from './write-fault.ts';
import {
  callMarks,
  logprobsMetadata,
  merged,
  ranByWord,
  sealMetadata,
  textMetadata,
  writeCall,
  writeCitations,
  writeMedia,
  writeSource,
} from './write-part.ts';

/** A stream as `data:` lines, each one part of the specification's stream. */
export function streamWriter(envelope: Envelope, request: GenerateRequest, version: Specification): StreamWriter {
  return new PartWriter(envelope, request, version);
}

/** One part that has begun: what its end has to say is kept in a fold of its own. */
interface OpenPart {
  readonly opening: PartOpening;
  readonly fold: Fold;
  readonly sources: JsonObject[];
}

class PartWriter implements StreamWriter {
  readonly #envelope: Envelope;
  readonly #request: GenerateRequest;
  readonly #version: Specification;
  readonly #open = new Map<number, OpenPart>();
  readonly #carried: Answer['carried'][number][] = [];
  #notices: Notice[] = [];
  #model: string;
  #provider: string | undefined;
  #attempts: readonly ToldAttempt[] | undefined;
  #usage: UsageEvent | undefined;
  #end: Extract<AnswerEvent, { kind: 'answer-end' }> | undefined;
  #sources = 0;
  #hasBegun = false;
  #isPlural = false;
  #text = '';

  constructor(envelope: Envelope, request: GenerateRequest, version: Specification) {
    this.#envelope = envelope;
    this.#request = request;
    this.#version = version;
    this.#model = envelope.model;
    this.#provider = envelope.provider;
  }

  write(batch: EventBatch): string {
    for (const event of batch) this.#event(event);
    return this.#taken();
  }

  end(): string {
    this.#begin();
    for (const index of this.#open.keys()) this.#close(index);
    const bill = this.#usage?.bill;
    const finish = wire({
      type: 'finish',
      finishReason: writeFinishReason(this.#end ?? {}),
      usage: writeUsage(this.#usage?.usage, bill),
      providerMetadata: writeMetadata(
        {
          envelope: this.#envelope,
          request: this.#request,
          model: this.#model,
          provider: this.#provider,
          attempts: this.#attempts,
          bill,
          choice: this.#end ?? {},
          lateNotices: this.#notices,
        },
        carriedAt(this.#carried, 'providerMetadata'),
      ),
    });
    this.#say(withCarried(finish, carriedAt(this.#carried, 'body')));
    this.#text += 'data: [DONE]\n\n';
    return this.#taken();
  }

  fault(fault: FlashmuxError): string {
    this.#begin();
    this.#say({ type: 'error', error: writeFault(fault, this.#envelope.requestId)['error'] ?? null });
    return this.#taken();
  }

  #taken(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  #say(part: Json): void {
    this.#text += `data: ${JSON.stringify(part)}\n\n`;
  }

  /** The warnings come first and once, so they wait for the first word of the answer. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#say({ type: 'stream-start', warnings: this.#notices.map(writeWarning) });
    this.#notices = [];
    this.#say({ type: 'response-metadata', ...writeResponse(this.#envelope, this.#model, this.#provider) });
  }

  #event(event: AnswerEvent): void {
    switch (event.kind) {
      case 'answer-start':
        this.#model = event.model ?? this.#model;
        this.#provider = event.provider ?? this.#provider;
        this.#attempts = event.attempts;
        return;
      case 'part-start':
        if (this.#isFirst(event.answer)) this.#start(event.index, event.part);
        return;
      case 'part-delta':
        if (this.#isFirst(event.answer)) this.#delta(event.index, event.delta);
        return;
      case 'part-end':
        if (this.#isFirst(event.answer)) this.#close(event.index);
        return;
      case 'usage':
        this.#usage = event;
        return;
      case 'notice':
        this.#notices.push(event.notice);
        return;
      case 'carry':
        this.#carried.push(event);
        return;
      case 'answer-end':
        if (this.#isFirst(event.answer)) this.#end = event;
        return;
    }
  }

  /** The specification has one answer; that there were others is told once. */
  #isFirst(answer: number): boolean {
    if (answer === 0) return true;
    if (!this.#isPlural) this.#notices.push(oneAnswer);
    this.#isPlural = true;
    return false;
  }

  #start(index: number, opening: PartOpening): void {
    this.#begin();
    const fold = new Fold();
    fold.add({ kind: 'part-start', answer: 0, index: 0, part: opening });
    this.#open.set(index, { opening, fold, sources: [] });
    const id = String(index);
    switch (opening.kind) {
      case 'text':
      case 'refusal':
        this.#say(wire({ type: 'text-start', id, providerMetadata: merged(opening, { flashmux: textMetadata(opening) }, {}) }));
        return;
      case 'reasoning':
        this.#say(wire({ type: 'reasoning-start', id, providerMetadata: merged(opening, {}, {}) }));
        return;
      case 'tool-call': {
        const { callId, name } = opening;
        const metadata = merged(opening, { flashmux: ranByWord(opening) }, {});
        this.#say(
          wire({ type: 'tool-input-start', id: callId, toolName: name, ...callMarks(opening), providerMetadata: metadata }),
        );
        return;
      }
      case 'media':
        return;
      case 'opaque':
        if (opening.protocol === 'ai-gateway') this.#say(opening.value);
        else this.#notices.push(unsayable(opening.protocol, index));
        return;
    }
  }

  #delta(index: number, delta: PartDelta): void {
    const part = this.#open.get(index);
    if (part === undefined) return;
    const { opening, fold, sources } = part;
    switch (delta.kind) {
      case 'text': {
        const metadata = delta.logprobs === undefined ? undefined : deltaMetadata(opening, delta);
        this.#say(wire({ type: 'text-delta', id: String(index), delta: delta.text, providerMetadata: metadata }));
        return;
      }
      case 'reasoning':
        this.#say({ type: 'reasoning-delta', id: String(index), delta: delta.text });
        return;
      case 'citation': {
        const source = writeSource(delta.citation, sourceId(this.#sources++), this.#version);
        sources.push(source);
        this.#say(source);
        break;
      }
      case 'arguments':
        if (opening.kind === 'tool-call') this.#say({ type: 'tool-input-delta', id: opening.callId, delta: delta.text });
        break;
      case 'seal':
      case 'media':
        break;
    }
    fold.add({ kind: 'part-delta', answer: 0, index: 0, delta });
  }

  #close(index: number): void {
    const open = this.#open.get(index);
    if (open === undefined) return;
    this.#open.delete(index);
    const part = open.fold.answer().choices[0]?.parts[0];
    if (part !== undefined) this.#endPart(part, String(index), open.sources, carriedAt(this.#carried, `content[${index}]`));
  }

  #endPart(part: Part, id: string, sources: readonly JsonObject[], late: JsonObject): void {
    switch (part.kind) {
      case 'text': {
        const citations = writeCitations(part.citations, this.#version, sources);
        this.#say(wire({ type: 'text-end', id, citations, providerMetadata: merged({}, {}, late) }));
        return;
      }
      case 'refusal':
        this.#say(wire({ type: 'text-end', id, providerMetadata: merged({}, {}, late) }));
        return;
      case 'reasoning': {
        const { carry: _, ...sealed } = part;
        this.#say(wire({ type: 'reasoning-end', id, providerMetadata: sealMetadata(sealed, late) }));
        return;
      }
      case 'tool-call':
        this.#say({ type: 'tool-input-end', id: part.callId });
        this.#say(writeCall(part, late));
        return;
      case 'media':
        this.#say(writeMedia(part, this.#version, this.#request.audio?.format, late));
        return;
      case 'opaque':
      case 'tool-result':
        return;
    }
  }
}

/** Clients keep the latest metadata of a text, so those of a delta say again what its start said. */
function deltaMetadata(opening: PartOpening, delta: Extract<PartDelta, { kind: 'text' }>): JsonObject | undefined {
  if (opening.kind !== 'text' && opening.kind !== 'refusal') return undefined;
  return merged(opening, { flashmux: { ...textMetadata(opening), ...logprobsMetadata(delta) } }, {});
}

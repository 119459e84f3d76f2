import type { PartDelta } from '../../model/event.ts';
import type { ItemFrame, ItemWriter } from './item-frame.ts';
import type { PartWriter } from './part-writer.ts';
import { writeSeal } from './seal.ts';
import type { ReasoningItem } from './wire-types.ts';

/**
 * A reasoning item: each thought is one piece of its summary, because @ai-sdk/openai reads nothing else (measured, 2026-11). A thought
 * without text, known only by its seal, has no piece.
 */
export class ReasoningWriter implements ItemWriter {
  readonly frame: ItemFrame;
  readonly #summary: string[] = [];
  #encrypted: string | undefined;
  openParts = 0;

  constructor(frame: ItemFrame) {
    this.frame = frame;
    frame.add(this.#item());
  }

  /** A seal ends the item: what is thought after it has a seal of its own. */
  get isSealed(): boolean {
    return this.#encrypted !== undefined;
  }

  open(): PartWriter {
    this.openParts += 1;
    let piece: SummaryPiece | undefined;
    return {
      item: this,
      delta: (delta: PartDelta) => {
        if (delta.kind === 'seal') this.#encrypted = writeSeal(delta.seal);
        if (delta.kind !== 'reasoning' || delta.text === '') return;
        piece ??= this.#openPiece();
        piece.add(delta.text);
      },
      end: () => {
        this.openParts -= 1;
        piece?.end();
      },
    };
  }

  finish(): void {
    this.frame.finish(this.#item());
  }

  #item(): ReasoningItem {
    const sealed = this.#encrypted === undefined ? {} : { encrypted_content: this.#encrypted };
    return { type: 'reasoning', id: this.frame.id, summary: this.#summary.map(summaryText), ...sealed };
  }

  #openPiece(): SummaryPiece {
    const { sink } = this.frame;
    const index = this.#summary.length;
    const place = { ...this.frame.place, summary_index: index };
    const pieces: string[] = [];
    this.#summary.push('');
    sink.emit({ type: 'response.reasoning_summary_part.added', ...place, part: summaryText('') });
    const write = sink.deltas({ type: 'response.reasoning_summary_text.delta', ...place });
    return {
      add: (text) => {
        pieces.push(text);
        write({ delta: text });
      },
      end: () => {
        const text = pieces.join('');
        this.#summary[index] = text;
        sink.emit({ type: 'response.reasoning_summary_text.done', ...place, text });
        sink.emit({ type: 'response.reasoning_summary_part.done', ...place, part: summaryText(text) });
      },
    };
  }
}

interface SummaryPiece {
  add(text: string): void;
  end(): void;
}

function summaryText(text: string) {
  return { type: 'summary_text' as const, text };
}

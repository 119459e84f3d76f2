import type { AnswerEvent } from '../../model/event.ts';
import type { Notice } from '../../model/notice.ts';
import { InlineThink } from './inline-think.ts';

/** The host's events as the exchange gets them: notices of the request right after the start, thinking out of the content. */
export class AnswerShaper {
  #notices: readonly Notice[];
  readonly #inlineThink: InlineThink | undefined;

  constructor(notices: readonly Notice[], inlineThink: boolean) {
    this.#notices = notices;
    this.#inlineThink = inlineThink ? new InlineThink() : undefined;
  }

  take(events: readonly AnswerEvent[]): readonly AnswerEvent[] {
    const split = this.#inlineThink === undefined ? events : this.#inlineThink.take(events);
    if (this.#notices.length === 0) return split;
    return split.flatMap((event) => {
      if (event.kind !== 'answer-start') return [event];
      const notices = this.#notices.map((notice): AnswerEvent => ({ kind: 'notice', notice }));
      this.#notices = [];
      return [event, ...notices];
    });
  }

  flush(): readonly AnswerEvent[] {
    return this.#inlineThink?.flush() ?? [];
  }
}

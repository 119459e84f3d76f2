import type { AnswerEvent } from '../../model/event.ts';
import type { Notice } from '../../model/notice.ts';

/** One opening for all tries and answers, with what is to be told of the request right behind it, and no notice twice. */
export class Opening {
  readonly #notices: readonly Notice[];
  readonly #told = new Set<string>();
  #hasStarted = false;

  constructor(notices: readonly Notice[]) {
    this.#notices = notices;
  }

  take(batch: readonly AnswerEvent[]): readonly AnswerEvent[] {
    if (!batch.some(({ kind }) => kind === 'notice' || kind === 'answer-start')) return batch;
    return batch.flatMap((event) => this.#event(event));
  }

  #event(event: AnswerEvent): readonly AnswerEvent[] {
    if (event.kind === 'notice') return this.#tell(event.notice);
    if (event.kind !== 'answer-start') return [event];
    if (this.#hasStarted) return [];
    this.#hasStarted = true;
    return [event, ...this.#notices.flatMap((notice) => this.#tell(notice))];
  }

  #tell(notice: Notice): readonly AnswerEvent[] {
    const key = JSON.stringify([notice.code, notice.path, notice.message]);
    if (this.#told.has(key)) return [];
    this.#told.add(key);
    return [{ kind: 'notice', notice }];
  }
}

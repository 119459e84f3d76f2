import type { Answer } from '../../model/answer.ts';
import type { AnswerEvent } from '../../model/event.ts';
import type { StreamWriter } from '../../protocols/codec.ts';

/** A whole answer as a caller gets it who wants no thoughts. */
export function withoutThoughtsIn(answer: Answer): Answer {
  const choices = answer.choices.map((choice) => ({ ...choice, parts: choice.parts.filter(({ kind }) => kind !== 'reasoning') }));
  return { ...answer, choices };
}

/** A writer that is told nothing of thoughts. */
export function withoutThoughts(writer: StreamWriter): StreamWriter {
  const hidden = new Set<string>();
  const isShown = (event: AnswerEvent): boolean => {
    if (event.kind !== 'part-start' && event.kind !== 'part-delta' && event.kind !== 'part-end') return true;
    const place = `${event.answer} ${event.index}`;
    if (event.kind === 'part-start' && event.part.kind === 'reasoning') hidden.add(place);
    return !hidden.has(place);
  };
  return {
    write: (batch) => writer.write(batch.filter((event) => isShown(event))),
    end: () => writer.end(),
    fault: (fault) => writer.fault(fault),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerStream } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Attempt, Provider } from '../../model/ports.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { abortFault } from '../../net/abort-fault.ts';
import { withDeadlines } from '../with-deadlines.ts';
import { behaviours, longAnswer, longName, scriptedBehaviours, type Behaviour } from './behaviours.ts';

export interface ScriptedProviderOptions {
  /** In place of waiting, for tests. Must reject once the signal fires. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * A host whose model id names what it does (`scripted/cut-mid-part`). For tests and demonstrations; never offered as a model
 * unless the operator switches it on.
 */
export function createScriptedProvider({ wait = pause }: ScriptedProviderOptions = {}): Provider {
  const once = new Once();

  async function* play({ request }: Attempt, signal: AbortSignal): AnswerStream {
    if (signal.aborted) throw abortFault(signal);
    const name = request.model.replace(/^scripted\//, '');
    const behaviour = behaviourOf(name);
    const fault = behaviour.failsFirst;
    if (fault !== undefined && once.isFirst(name, request)) throw fault();
    for (const step of behaviour.play(request)) {
      if (signal.aborted) throw abortFault(signal);
      switch (step.do) {
        case 'say':
          yield step.batch;
          break;
        case 'wait':
          await untilAborted(wait(step.ms, signal), signal);
          break;
        case 'fail':
          throw step.fault;
      }
    }
  }

  return {
    name: 'scripted',
    cancellable: true,
    run: (attempt, signal) =>
      withDeadlines({ provider: attempt.provider, deadlines: attempt.deadlines }, signal, (inner) => play(attempt, inner)),
  };
}

function pause(ms: number, signal: AbortSignal): Promise<unknown> {
  return sleep(ms, undefined, { signal });
}

async function untilAborted(waiting: Promise<unknown>, signal: AbortSignal): Promise<void> {
  try {
    await waiting;
  } catch (error) {
    throw signal.aborted ? abortFault(signal) : error;
  }
}

function behaviourOf(name: string): Behaviour {
  const words = longName.exec(name)?.[1];
  if (words !== undefined) return longAnswer(Number(words));
  const behaviour = Object.hasOwn(behaviours, name) ? behaviours[name] : undefined;
  if (behaviour !== undefined) return behaviour;
  const names = scriptedBehaviours.map((known) => known.name).join(', ');
  throw new FlashmuxError('unknown_model', `No scripted behaviour "${name}". There are: ${names}.`, { param: 'model' });
}

/** Every second call of one conversation is the second one, however many others come between. */
class Once {
  /** Oldest first. Bounded, because nobody promises to come back. */
  readonly #waiting = new Set<string>();

  isFirst(name: string, { turns }: GenerateRequest): boolean {
    const conversation = `${name} ${JSON.stringify(turns)}`;
    if (this.#waiting.delete(conversation)) return false;
    this.#waiting.add(conversation);
    const [oldest] = this.#waiting;
    if (this.#waiting.size > 1_000 && oldest !== undefined) this.#waiting.delete(oldest);
    return true;
  }
}

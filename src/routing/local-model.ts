import type { Catalogue, ModelEntry } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Host } from './plan.ts';

/** The model that the embedded engine has, or would have once it was pulled. */
export interface LocalModel {
  readonly modelId: string;
  readonly provider: string;
  readonly ready: boolean;
  /** Why it cannot answer and what helps, where waiting a moment would not. */
  readonly missing?: string;
}

/** The local model as a host of what it is asked as. Nothing leaves this machine; hosts that were configured go before it. */
export function localHost({ provider, modelId }: LocalModel, model: string): Host {
  const privacy = { keepsNoData: true, retainsNothing: true, trainsOnNothing: true };
  return { provider, model, upstreamModel: modelId, traits: { weight: 0, privacy } };
}

/** The local model, where it may answer for this one. */
export function standInFor(
  catalogue: Pick<Catalogue, 'find'>,
  { standInFamily }: ModelEntry,
  running: LocalModel,
): ModelEntry | undefined {
  const candidate = catalogue.find(running.modelId)?.model;
  return standInFamily !== undefined && candidate?.standsInFor?.includes(standInFamily) === true ? candidate : undefined;
}

export function standInNote(standIn: ModelEntry, named: string): string {
  const note = standIn.standInNote === undefined ? '' : ` ${standIn.standInNote}`;
  return `The local model "${standIn.id}" stands in for "${named}", because no configured provider hosts it.${note}`;
}

/** Throws `model_not_ready` for a model whose file is missing. */
export function refuseMissing({ missing }: LocalModel): void {
  if (missing !== undefined) throw new FlashmuxError('model_not_ready', missing, { param: 'model', retryAfterSeconds: 30 });
}

/** The fault of a model that nobody serves, with what to do about it. */
export function noHost(model: ModelEntry, named: string): FlashmuxError {
  if (model.standsInFor !== undefined) {
    return new FlashmuxError(
      'model_not_ready',
      `The local model "${model.id}" is not running here. Pull it with "flashmux models pull ${model.id}" and start the server with --model ${model.id}.`,
      { param: 'model', retryAfterSeconds: 30 },
    );
  }
  return new FlashmuxError(
    'no_host',
    `No configured provider serves "${named}". Add one under "providers" in flashmux.yaml, with "${named}" among its models.`,
    { param: 'model', retryAfterSeconds: 30 },
  );
}

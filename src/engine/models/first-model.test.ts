import { describe, expect, it } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { firstModel, type FirstModelSteps } from './first-model.ts';
import type { InstalledModel } from './installed-model.ts';
import { knownModels, type KnownModel } from './known-models.ts';
import type { SourceName } from './model-source.ts';

const never = new AbortController().signal;

function model(id: string, standIn = false): InstalledModel {
  return {
    id,
    name: id,
    file: 'x.gguf',
    source: 'npm',
    from: [],
    sha256: '0'.repeat(64),
    bytes: 1,
    pulledAt: '2026-11-20T00:00:00.000Z',
    standIn,
    path: '/x.gguf',
  };
}

function known(id: string): KnownModel {
  const found = knownModels.find((each) => each.id === id);
  if (found === undefined) throw new Error(id);
  return found;
}

/** A machine on which these sources answer, and those of them in `failing` do not deliver. */
function machine(reachable: readonly SourceName[], failing: readonly SourceName[] = []) {
  const pulls: string[] = [];
  const steps: FirstModelSteps = {
    installed: () => Promise.resolve([]),
    chosen: () => known('qwen3.5-2b'),
    standIn: () => known('tinyllama-1.1b-chat'),
    probe: (_, sources) => Promise.resolve(sources.map((source) => ({ source, reachable: reachable.includes(source) }))),
    pull: (id, sources) => {
      pulls.push(`${id} from ${sources.join(', ')}`);
      if (sources.every((source) => failing.includes(source))) {
        return Promise.reject(new FlashmuxError('model_not_ready', 'it broke'));
      }
      return Promise.resolve(model(id));
    },
  };
  return { pulls, steps };
}

describe('the first model', () => {
  it('comes from the hubs that answer', async () => {
    const { pulls, steps } = machine(['modelscope', 'npm']);
    expect(await firstModel(steps, never)).toMatchObject({ kind: 'ready', model: { id: 'qwen3.5-2b' } });
    expect(pulls).toEqual(['qwen3.5-2b from modelscope']);
  });

  it('is the stand-in where only npm answers, or where the hubs answer and do not deliver', async () => {
    const onlyNpm = machine(['npm']);
    expect(await firstModel(onlyNpm.steps, never)).toMatchObject({ kind: 'ready', model: { id: 'tinyllama-1.1b-chat' } });
    expect(onlyNpm.pulls).toEqual(['tinyllama-1.1b-chat from npm']);
    const failing = machine(['hugging-face', 'npm'], ['hugging-face']);
    expect(await firstModel(failing.steps, never)).toMatchObject({ kind: 'ready', model: { id: 'tinyllama-1.1b-chat' } });
  });

  it('is none where everything fails, and every source has a reason', async () => {
    const { steps } = machine(['hugging-face', 'npm'], ['hugging-face', 'npm']);
    const result = await firstModel(steps, never);
    expect(result.kind === 'none' ? result.reasons : []).toEqual([
      { source: 'modelscope', reachable: false },
      { source: 'hugging-face', reachable: false, reason: 'it broke' },
      { source: 'npm', reachable: false, reason: 'it broke' },
    ]);
  });

  it('is a real one before a stand-in where both are installed', async () => {
    const { steps } = machine([]);
    const installed = [{ ...model('tiny', true), pulledAt: '2026-12-01T00:00:00.000Z' }, model('real')];
    const result = await firstModel({ ...steps, installed: () => Promise.resolve(installed) }, never);
    expect(result).toMatchObject({ kind: 'ready', model: { id: 'real' } });
  });

  it('passes on what is no fault of a source', async () => {
    const { steps } = machine(['hugging-face']);
    const broken = { ...steps, pull: () => Promise.reject(new TypeError('a bug')) };
    await expect(firstModel(broken, never)).rejects.toThrow('a bug');
  });
});

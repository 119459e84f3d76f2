import path from 'node:path';
import { z } from 'zod';

const frame = z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() });

/** The form that `node --cpu-prof` writes. Times are microseconds. */
export const profileShape = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: frame, children: z.array(z.int()).optional() })),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

type Profile = z.infer<typeof profileShape>;

export interface ProfileReading {
  /** Time in which the thread did something. */
  readonly busyMs: number;
  /** Functions by the time in themselves. */
  readonly functions: readonly Share[];
  /** Files, folders of ours, packages and parts of Node by the time in their functions themselves. */
  readonly files: readonly Share[];
  readonly folders: readonly Share[];
  /** Functions by the time in themselves and in all that they called. */
  readonly totals: readonly Share[];
}

export interface Share {
  readonly name: string;
  readonly ms: number;
  /** Of the busy time, 0 to 1. */
  readonly share: number;
}

const idle = new Set(['(idle)', '(root)']);
/** What takes the samples, which stops in the middle of them. */
const profiler = 'node:inspector';

/** Sums a profile up. Idle time is left out, because how much there is depends on who asks. `root` is the folder of the project. */
export function readProfile({ nodes, samples, timeDeltas }: Profile, root: string): ProfileReading {
  const selfMs = new Map<number, number>();
  for (const [index, id] of samples.entries()) selfMs.set(id, (selfMs.get(id) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  const functions = new Sums();
  const files = new Sums();
  const folders = new Sums();
  let busyMs = 0;
  for (const { id, callFrame } of nodes) {
    const ms = selfMs.get(id) ?? 0;
    if (idle.has(callFrame.functionName) || callFrame.url === profiler || ms === 0) continue;
    busyMs += ms;
    const file = fileOf(callFrame, root);
    functions.add(functionOf(callFrame, file), ms);
    files.add(file, ms);
    folders.add(folderOf(file), ms);
  }
  const totals = totalsOf(nodes, selfMs, root);
  return {
    busyMs,
    functions: functions.list(busyMs),
    files: files.list(busyMs),
    folders: folders.list(busyMs),
    totals: totals.list(busyMs),
  };
}

class Sums {
  readonly #ms = new Map<string, number>();

  add(name: string, ms: number): void {
    this.#ms.set(name, (this.#ms.get(name) ?? 0) + ms);
  }

  list(busyMs: number): readonly Share[] {
    return [...this.#ms].map(([name, ms]) => ({ name, ms, share: ms / busyMs })).toSorted((one, other) => other.ms - one.ms);
  }
}

/** A function that calls itself counts once for each sample. */
function totalsOf(nodes: Profile['nodes'], selfMs: ReadonlyMap<number, number>, root: string): Sums {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const isChild = new Set(nodes.flatMap(({ children = [] }) => children));
  const sums = new Sums();
  const walk = (node: Profile['nodes'][number], above: ReadonlySet<string>): number => {
    const name = functionOf(node.callFrame, fileOf(node.callFrame, root));
    const within = new Set([...above, name]);
    const below = (node.children ?? []).reduce((sum, id) => {
      const child = byId.get(id);
      return child === undefined ? sum : sum + walk(child, within);
    }, 0);
    const ms = idle.has(node.callFrame.functionName) ? below : below + (selfMs.get(node.id) ?? 0);
    if (!above.has(name) && !idle.has(node.callFrame.functionName)) sums.add(name, ms);
    return ms;
  };
  for (const node of nodes) if (!isChild.has(node.id)) walk(node, new Set());
  return sums;
}

type CallFrame = z.infer<typeof frame>;

function functionOf({ functionName, lineNumber }: CallFrame, file: string): string {
  const name = functionName === '' ? `(anonymous, line ${lineNumber + 1})` : functionName;
  return file === 'V8' ? name : `${name} ${file}`;
}

/** `src/...` of ours, `node_modules/<package>`, `node:...`, or V8 for what has no place, such as its collector of garbage. */
function fileOf({ url }: CallFrame, root: string): string {
  if (url === '') return 'V8';
  if (url.startsWith('node:')) return url;
  const own = path.relative(root, url.replace('file://', ''));
  const [, dependency] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(own) ?? [];
  return dependency === undefined ? own : `node_modules/${dependency}`;
}

/** `src/http` for `src/http/reply.ts`; `node:internal` for all of Node's own. */
function folderOf(file: string): string {
  if (file.startsWith('node:')) return 'node:*';
  return file.startsWith('node_modules/') ? file : file.split('/').slice(0, 2).join('/');
}

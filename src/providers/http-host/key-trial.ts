import { FlashmuxError } from '../../model/fault.ts';
import type { KeyRing } from '../key-ring.ts';

/** A key that its host refused was withdrawn or has no credit; somebody has to mend that. */
const refusedRestMs = 600_000;
/** For a host that says "too many" without saying until when. */
const throttledRestMs = 10_000;

/**
 * The keys of one attempt, one after the other: a key that the host refuses or throttles rests, and the next one is tried at
 * once. A caller's own key stands alone: ours must not pay for an account that brings its own.
 */
export class KeyTrial {
  readonly #ring: KeyRing | undefined;
  readonly #tried = new Set<string>();
  readonly owner: 'operator' | 'caller';
  #key: string | undefined;

  constructor(ring: KeyRing | undefined, ownKey: string | undefined) {
    this.owner = ownKey === undefined ? 'operator' : 'caller';
    this.#ring = ownKey === undefined ? ring : undefined;
    this.#key = ownKey ?? ring?.take();
  }

  /** The key to ask with. Undefined: the host is asked without one. */
  get key(): string | undefined {
    return this.#key;
  }

  /** Takes the next key where the fault was one of this key. False: there is none that was not tried. */
  goOn(fault: unknown): boolean {
    const restMs = restOf(fault);
    if (this.#ring === undefined || this.#key === undefined || restMs === undefined) return false;
    this.#ring.rests(this.#key, restMs);
    this.#tried.add(this.#key);
    const next = this.#ring.take();
    if (next === undefined || this.#tried.has(next)) return false;
    this.#key = next;
    return true;
  }
}

/** Milliseconds; undefined for a fault that another key would meet as well. */
function restOf(fault: unknown): number | undefined {
  if (!FlashmuxError.is(fault)) return undefined;
  if (fault.code === 'upstream_refused') return refusedRestMs;
  if (fault.code !== 'rate_limited') return undefined;
  return fault.retryAfterSeconds === undefined ? throttledRestMs : fault.retryAfterSeconds * 1_000;
}

import { hostname } from 'node:os';
import type { Clock } from '../../model/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import type { EpochBeats } from '../sql/epoch-operations.ts';
import type { Perform } from '../sql/operations.ts';

export interface EpochKeeperOptions {
  readonly perform: Perform;
  /** A new id for each life of this process in the database (`boot_...`). */
  readonly newEpochId: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the beats of another process may stand still before it is buried, in milliseconds. */
  readonly silentForMs: number;
}

interface Seen {
  readonly beats: number;
  /** On our own clock, which never goes back and which nobody else reads: a wall clock that jumps buries nobody. */
  readonly sinceTicks: number;
}

/**
 * The life of this process among others on one database. Each shows that it lives by counting; whoever sees a count stand still
 * for long enough ends that epoch and releases its holds.
 */
export class EpochKeeper {
  readonly #options: EpochKeeperOptions;
  #epochId: string;
  readonly #formerIds: string[] = [];
  readonly #seen = new Map<string, Seen>();
  #lookedAtTicks = 0;
  #isBeating = false;
  #hasEnded = false;

  private constructor(options: EpochKeeperOptions, epochId: string) {
    this.#options = options;
    this.#epochId = epochId;
  }

  static async begin(options: EpochKeeperOptions): Promise<EpochKeeper> {
    const keeper = new EpochKeeper(options, options.newEpochId());
    await keeper.#join(keeper.#epochId);
    return keeper;
  }

  /** What new holds are placed under. It changes when the others gave this process up. */
  get epochId(): string {
    return this.#epochId;
  }

  /** One sign of life, and one look at the others. Call it every few seconds. Never rejects: the next one may succeed. */
  async beat(): Promise<void> {
    const { perform, log } = this.#options;
    // The one before may still wait for a database that is away.
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      const isAlive = await perform({ name: 'epoch.beat', input: { id: this.#epochId } });
      if (!isAlive && !this.#hasEnded) await this.#beginAnew();
      this.#look(await perform({ name: 'epoch.list', input: null }));
      for (const epoch of this.#silent()) await this.#bury(epoch);
    } catch (error) {
      log.warn({ error, epochId: this.#epochId }, 'a sign of life did not reach the database');
    } finally {
      this.#isBeating = false;
    }
  }

  /** The process ends in order: nobody has to wait to release what it left. */
  async end(): Promise<void> {
    const { perform, clock } = this.#options;
    this.#hasEnded = true;
    for (const id of [...this.#formerIds, this.#epochId]) {
      await perform({ name: 'epoch.end', input: { id, at: clock.now() } });
    }
  }

  async #join(id: string): Promise<void> {
    const { perform, clock } = this.#options;
    const epoch = { id, processId: process.pid, host: hostname(), startedAt: clock.now() };
    await perform({ name: 'epoch.join', input: epoch });
  }

  async #beginAnew(): Promise<void> {
    const former = this.#epochId;
    const next = this.#options.newEpochId();
    await this.#join(next);
    this.#formerIds.push(former);
    this.#epochId = next;
    this.#options.log.error(
      { kind: 'epoch-buried', epochId: former, nextEpochId: next },
      'ledger alarm: this process was silent for so long that its holds were released; their settlements will be late ones',
    );
  }

  #look(epochs: readonly EpochBeats[]): void {
    const ticks = this.#options.clock.ticks();
    // Who could not look for a while has not seen the others stand still: the database was away for them too.
    if (ticks - this.#lookedAtTicks > this.#options.silentForMs / 2) this.#seen.clear();
    this.#lookedAtTicks = ticks;
    const ids = new Set(epochs.map(({ id }) => id));
    for (const id of this.#seen.keys()) if (!ids.has(id)) this.#seen.delete(id);
    for (const { id, beats } of epochs) {
      if (this.#seen.get(id)?.beats !== beats) this.#seen.set(id, { beats, sinceTicks: ticks });
    }
  }

  #silent(): readonly EpochBeats[] {
    const { clock, silentForMs } = this.#options;
    const since = clock.ticks() - silentForMs;
    return [...this.#seen]
      .filter(([id, { sinceTicks }]) => id !== this.#epochId && sinceTicks <= since)
      .map(([id, { beats }]) => ({ id, beats }));
  }

  async #bury({ id, beats }: EpochBeats): Promise<void> {
    const { perform, clock, log } = this.#options;
    this.#seen.delete(id);
    const released = await perform({ name: 'epoch.bury', input: { id, beats, at: clock.now() } });
    if (released === undefined) return;
    log.warn({ epochId: id, releasedHolds: released.length }, 'released the holds of a process that shows no sign of life');
  }
}

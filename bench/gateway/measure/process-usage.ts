import { readdirSync, readFileSync } from 'node:fs';

/** What `/proc/<pid>/stat` says, as far as it is needed. Times are clock ticks, of all threads together. */
export interface ProcessStat {
  readonly processId: number;
  readonly parentId: number;
  readonly ownTicks: number;
  /** Of children that have ended and were waited for. */
  readonly endedChildrenTicks: number;
}

/** USER_HZ, which the interface to user space fixes at 100 on every Linux that Node runs on. */
const microsecondsPerTick = 10_000;

/** Throws where the text has another form (`man 5 proc`). */
export function parseStat(text: string): ProcessStat {
  // The name of a program may hold blanks and parentheses of its own: what comes after it begins behind the last one.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const field = (number: number): number => {
    // Counted as in the manual, where the state is the third.
    const value = Number(fields[number - 3]);
    if (end < 0 || !Number.isInteger(value)) throw new Error(`Field ${number} of a stat line is no number: ${text}`);
    return value;
  };
  return {
    processId: Number.parseInt(text, 10),
    parentId: field(4),
    ownTicks: field(14) + field(15),
    endedChildrenTicks: field(16) + field(17),
  };
}

/** CPU time in microseconds that these processes have used so far, with all of their threads and descendants. */
export function cpuMicroseconds(rootIds: readonly number[]): number {
  const stats = allStats();
  return (
    familyOf(rootIds, stats).reduce((sum, { ownTicks, endedChildrenTicks }) => sum + ownTicks + endedChildrenTicks, 0) *
    microsecondsPerTick
  );
}

/** Proportional set size in bytes of these processes and their descendants: memory that several share is counted in shares. */
export function memoryBytes(rootIds: readonly number[]): number {
  return familyOf(rootIds, allStats()).reduce((sum, { processId }) => sum + proportionalBytes(processId), 0);
}

/** The processes of these ids and everything that they started. */
export function familyOf(rootIds: readonly number[], stats: readonly ProcessStat[]): readonly ProcessStat[] {
  const children = Map.groupBy(stats, ({ parentId }) => parentId);
  const family = stats.filter(({ processId }) => rootIds.includes(processId));
  // The list grows while it is walked.
  for (const { processId } of family) family.push(...(children.get(processId) ?? []).filter((child) => !family.includes(child)));
  return family;
}

/** CPU time in microseconds of each thread of a process, by its id. Threads that have ended are not in it. */
export function threadMicroseconds(processId: number): ReadonlyMap<string, ThreadUsage> {
  const folder = `/proc/${processId}/task`;
  return new Map(
    readdirSync(folder).map((thread) => {
      const nanoseconds = Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]);
      const name = readFileSync(`${folder}/${thread}/comm`, 'utf8').trim();
      return [thread, { name, microseconds: nanoseconds / 1_000 }];
    }),
  );
}

export interface ThreadUsage {
  /** As the program called it; several may have the same. */
  readonly name: string;
  readonly microseconds: number;
}

/** Throws where the text has no line of it (`/proc/<pid>/smaps_rollup`). */
export function parseProportionalBytes(text: string): number {
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kibibytes === undefined) throw new Error('The kernel does not tell the proportional set size.');
  return Number(kibibytes) * 1_024;
}

function proportionalBytes(processId: number): number {
  try {
    return parseProportionalBytes(readFileSync(`/proc/${processId}/smaps_rollup`, 'utf8'));
  } catch (error) {
    if (hasEnded(error)) return 0;
    throw error;
  }
}

function allStats(): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch (error) {
        // It ended between the listing and the reading.
        if (hasEnded(error)) return [];
        throw error;
      }
    });
}

function hasEnded(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

import type { Clock } from '../../model/ports.ts';
import type { PullPhase, PullStep } from './model-source.ts';

/** How far a pull is. */
export interface PullProgress {
  /** Of the model. */
  readonly id: string;
  /** `waiting`: for another pull of the same model. */
  readonly phase: PullPhase;
  /** Of this phase; while downloading, what an earlier try brought counts too. */
  readonly receivedBytes: number;
  /** Absent: not known. */
  readonly totalBytes?: number;
  /** Over the last few seconds. Absent: nothing moved yet. */
  readonly bytesPerSecond?: number;
}

export type OnPullProgress = (progress: PullProgress) => void;

const reportEveryMs = 100;
const speedOverMs = 4000;

/**
 * Turns the many steps of a pull into at most ten reports a second, each with the speed of the last seconds. Bytes that an earlier
 * try left on disk do not count as speed.
 */
export function progressMeter(id: string, clock: Clock, onProgress: OnPullProgress): (step: PullStep) => void {
  let marks: { readonly at: number; readonly bytes: number }[] = [];
  let phase: PullPhase | undefined;
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (step) => {
    const now = clock.ticks();
    const last = marks.at(-1);
    if (phase !== step.phase || (last !== undefined && step.receivedBytes < last.bytes)) marks = [];
    const ends = step.receivedBytes === step.totalBytes;
    if (phase === step.phase && !ends && now - reportedAt < reportEveryMs) return;
    phase = step.phase;
    reportedAt = now;
    marks = [...marks.filter(({ at }) => now - at <= speedOverMs), { at: now, bytes: step.receivedBytes }];
    const [first] = marks;
    const elapsedMs = first === undefined ? 0 : now - first.at;
    const bytesPerSecond =
      first === undefined || elapsedMs <= 0 ? undefined : ((step.receivedBytes - first.bytes) * 1000) / elapsedMs;
    onProgress({ id, ...step, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) });
  };
}

/**
 * One line for a terminal or a log, such as `tinyllama-1.1b-chat  128.0 / 322.6 MB  40 %  12.3 MB/s  eta 16 s`.
 * Units are decimal. What is not known is left out.
 */
export function describeProgress(progress: PullProgress): string {
  const { id, phase, receivedBytes, totalBytes, bytesPerSecond } = progress;
  const fields = [id, ...(phase === 'downloading' ? [] : [phase])];
  if (phase === 'waiting' || phase === 'locating') return fields.join('  ');
  if (totalBytes === undefined || totalBytes === 0) {
    fields.push(describeBytes(receivedBytes));
  } else {
    const unit = unitOf(totalBytes);
    fields.push(`${inUnit(receivedBytes, unit)} / ${inUnit(totalBytes, unit)} ${unit.name}`);
    // Rounded down: 100 % is said when all is there.
    fields.push(`${Math.floor((receivedBytes * 100) / totalBytes)} %`);
  }
  if (bytesPerSecond !== undefined && bytesPerSecond > 0) {
    fields.push(`${describeBytes(bytesPerSecond)}/s`);
    if (totalBytes !== undefined && receivedBytes < totalBytes) {
      fields.push(`eta ${describeSeconds((totalBytes - receivedBytes) / bytesPerSecond)}`);
    }
  }
  return fields.join('  ');
}

/** Decimal, one digit after the point from kB up: `322.6 MB`. */
export function describeBytes(bytes: number): string {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${unit.name}`;
}

interface Unit {
  readonly name: string;
  readonly size: number;
}

const units: readonly Unit[] = [
  { name: 'GB', size: 1e9 },
  { name: 'MB', size: 1e6 },
  { name: 'kB', size: 1e3 },
];

const oneByte: Unit = { name: 'B', size: 1 };

function unitOf(bytes: number): Unit {
  return units.find((unit) => bytes >= unit.size) ?? oneByte;
}

function inUnit(bytes: number, unit: Unit): string {
  if (unit.size === 1) return Math.round(bytes).toString();
  return (bytes / unit.size).toFixed(unit.size === 1e9 ? 2 : 1);
}

function describeSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 100) return `${whole} s`;
  if (whole < 6000) return `${Math.ceil(whole / 60)} min`;
  return `${Math.floor(whole / 3600)} h ${Math.ceil((whole % 3600) / 60)} min`;
}

/**
 * How the host answers. It stands in the path, because every gateway hands a path on, or can be told one.
 *
 * | word           | streamed                                                       |
 * | -------------- | -------------------------------------------------------------- |
 * | `small`        | 16 frames in one write, or a small whole answer                |
 * | `each-N`       | N frames, each in a write of its own, as fast as they are read |
 * | `burst-N`      | N frames, 32 in each write, as fast as they are read           |
 * | `paced-N-MS`   | N frames, one in so many milliseconds                          |
 * | `idle`         | one frame, and then silence until somebody leaves              |
 */
export type Scenario =
  | { readonly kind: 'small' }
  | { readonly kind: 'flow'; readonly frames: number; readonly framesPerWrite: number }
  | { readonly kind: 'paced'; readonly frames: number; readonly everyMs: number }
  | { readonly kind: 'idle' };

const burstFrames = 32;

/** Undefined for a word that means none. */
export function readScenario(word: string): Scenario | undefined {
  const [name = '', frames = '', everyMs = ''] = word.split('-');
  switch (name) {
    case 'small':
    case 'idle':
      return { kind: name };
    case 'each':
      return { kind: 'flow', frames: Number(frames), framesPerWrite: 1 };
    case 'burst':
      return { kind: 'flow', frames: Number(frames), framesPerWrite: burstFrames };
    case 'paced':
      return { kind: 'paced', frames: Number(frames), everyMs: Number(everyMs) };
    default:
      return undefined;
  }
}

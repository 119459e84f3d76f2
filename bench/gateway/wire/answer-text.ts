/** The words of every answer, one a frame: the same at every host, so that whoever asked can tell a right answer from a wrong one. */
const words =
  'the keeper of a lighthouse finds a map of some city that nobody has ever seen and wonders who drew it so long ago'.split(' ');

/** Frames of a small answer. A model sends one a token, whoever wants to have the answer whole. */
export const smallFrames = 16;

export function wordAt(position: number): string {
  return ` ${words[position % words.length]}`;
}

export function answerText(frames: number): string {
  return Array.from({ length: frames }, (_, position) => wordAt(position)).join('');
}

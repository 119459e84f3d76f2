/** Something that was done to the caller's words and that the caller should know. */
export interface Notice {
  readonly code: NoticeCode;
  /** Path in the caller's request or in the answer, such as `messages[4].content[1]`. */
  readonly path: string;
  readonly message: string;
}

export type NoticeCode =
  /** The target has no place for it. */
  | 'dropped'
  /** It stands at another place than the caller or the model put it. */
  | 'moved'
  /** A value was changed to fit the host's range. */
  | 'clamped'
  /** It was accepted and has no effect on this model. */
  | 'ignored'
  /** Another model than the one named answers. */
  | 'stand-in'
  /** The usage was counted here, not told by the host. */
  | 'estimated';

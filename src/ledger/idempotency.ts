/** A caller's word that requests with the same key are one request. */
export interface Idempotency {
  /** 1 to 255 characters; each account has its own. */
  readonly key: string;
  /** SHA-256 over what was asked, route included: the same key for another request is a mistake. */
  readonly fingerprint: string;
  /** Unix milliseconds until which the key is remembered. */
  readonly expiresAt: number;
}

export type Repeated =
  | { readonly kind: 'repeated'; readonly state: 'running'; readonly requestId: string }
  /** It was charged. `result` is absent where it was not kept. */
  | { readonly kind: 'repeated'; readonly state: 'done'; readonly requestId: string; readonly result?: string }
  | { readonly kind: 'repeated'; readonly state: 'mismatch'; readonly requestId: string };

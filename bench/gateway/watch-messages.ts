/** What the benchmark asks of a server that has loaded watch-loop.ts. */
export type WatchCommand =
  | { readonly kind: 'loop' }
  | { readonly kind: 'profile'; readonly everyMicroseconds: number }
  | { readonly kind: 'write-profile'; readonly folder: string };

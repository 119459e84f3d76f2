import { aimlapi } from './aimlapi.ts';
import { alibaba } from './alibaba.ts';
import { empiriolabs } from './empiriolabs.ts';
import type { KnownHost } from './known-host.ts';
import { openrouter } from './openrouter.ts';
import { segmind } from './segmind.ts';
import { vercel } from './vercel.ts';

/** The hosts that need no more than a key. Their order is that in which they are asked where all have appeared by themselves. */
export const knownHosts: readonly KnownHost[] = [alibaba, empiriolabs, aimlapi, segmind, vercel, openrouter];

import type { Medium } from '../../model/part.ts';
import type { QuirksName } from '../quirks.ts';

/** A public host as it describes itself: what an operator would otherwise write into the configuration by hand. */
export interface KnownHost {
  /** Of the preset, and of the provider that appears by itself: the word by which callers of other gateways name it. */
  readonly name: string;
  readonly title: string;
  /** Where the facts were seen. */
  readonly seen: string;
  /** Environment variable of its key, as its own documentation calls it. */
  readonly keyVariable: string;
  readonly type: 'openai-compatible' | 'segmind';
  readonly quirks: QuirksName;
  /** The first is taken where none is named. */
  readonly regions: readonly [KnownRegion, ...KnownRegion[]];
  /** Whose offers of the catalogue it sells at. */
  readonly seller: string;
  readonly models: readonly KnownModel[];
  /** What it says of prompts. Absent: nothing that we know of, which counts as no. */
  readonly privacy?: KnownPrivacy;
}

export interface KnownRegion {
  readonly name: string;
  /** Up to the version. */
  readonly baseUrl: string;
  /** Addresses of its other protocols, where they are not the same. */
  readonly faces?: Readonly<Record<string, string>>;
  /** How the catalogue's offers call the region. Absent: they have no region. */
  readonly offers?: readonly string[];
}

export interface KnownModel {
  /** Of our catalogue, with its variant. */
  readonly model: string;
  /** The host's own id. */
  readonly upstreamModel: string;
  /** Where the model runs, if that is not the host's region. */
  readonly region?: KnownRegion['name'];
  readonly offers?: readonly string[];
  /** Tokens, where the host says other than the catalogue. */
  readonly limits?: { readonly context?: number; readonly input?: number; readonly output?: number; readonly thinking?: number };
  /** What the host does not take although the model does. */
  readonly withoutInput?: readonly Medium[];
  /** Number format of the weights. */
  readonly quantization?: string;
}

export interface KnownPrivacy {
  readonly keepsNoData: boolean;
  readonly retainsNothing: boolean;
  readonly trainsOnNothing: boolean;
}

import type { JsonObject } from '../model/json.ts';
import type { WireSchemas } from '../protocols/wire-schemas.ts';

/** What the OpenAPI document says of a dialect. */
export interface DialectAbout {
  /** The heading under which its calls stand. */
  readonly title: string;
  /** Markdown. */
  readonly description: string;
  /** By path, one entry for each of `generatePaths`, and for the path that counts where there is one. */
  readonly calls: Readonly<Record<string, CallAbout>>;
  readonly schemas: WireSchemas;
  /** A right body, small enough to be tried. */
  readonly example: JsonObject;
  readonly samples: readonly ClientSample[];
  /** Headers that a caller sends beside those of every call, by name. */
  readonly headers?: Readonly<Record<string, JsonObject>>;
  /** Names of those that must be there. */
  readonly neededHeaders?: readonly string[];
}

export interface CallAbout {
  /** A verb and what it is done to, such as `createChatCompletion`; unique among all dialects. */
  readonly operationId: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What the parameters of the path are, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** How a client is pointed at this server. `{base}` in the code stands for the server's address, without a slash at its end. */
export interface ClientSample {
  /** Name of the client, such as `openai (TypeScript)`. */
  readonly client: string;
  /** `sh`, `ts` or `py`. */
  readonly language: 'sh' | 'ts' | 'py';
  readonly code: string;
}

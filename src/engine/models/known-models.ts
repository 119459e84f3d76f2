import { z } from 'zod';
import type { Capabilities, Feature } from '../../model/capability.ts';
import data from './known-models.json' with { type: 'json' };
import { modelIdPattern } from './model-id.ts';

/**
 * A model that flashmux can pull by its id. The Qwen3.5 files are third-party GGUF conversions of Alibaba's open weights; their
 * sums are not written here because their uploader may replace them: the hub's own metadata says size and sum at the moment of
 * the pull. Sizes are those seen on 2026-11-20.
 */
export interface KnownModel {
  readonly id: string;
  readonly name: string;
  /** Name of the GGUF file, at the hub and on disk. */
  readonly file: string;
  /** Size of the file; where no sum is given it is only an estimate, and the hub's figure counts. */
  readonly bytes: number;
  /** Of the file, lower-case hex. Absent: the hub's metadata says it. */
  readonly sha256?: string;
  /** SPDX identifier. */
  readonly licence: string;
  /** Tokens the model was made for; the engine may give it less. */
  readonly contextTokens: number;
  readonly capabilities: Capabilities;
  /** Free memory below which the model will not run well, with a context of a few thousand tokens. */
  readonly minFreeMemoryBytes: number;
  /** Free memory from which this model is the choice of a first start. Absent: never chosen by memory. */
  readonly defaultFromFreeMemoryBytes?: number;
  /** True: good only for showing that the server works, and labelled so wherever it is shown. */
  readonly standIn?: boolean;
  readonly note?: string;
  readonly huggingFace?: HubPlace;
  readonly modelScope?: HubPlace;
  readonly npm?: { readonly parts: readonly PackagePart[] };
}

interface HubPlace {
  /** `owner/name`. */
  readonly repository: string;
  readonly revision: string;
}

/** One slice of a GGUF file inside an npm package; the slices in order are the file. */
export interface PackagePart {
  readonly package: string;
  readonly version: string;
  /** Path inside the package. */
  readonly member: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of the packed package, for the progress shown before the registry tells it. */
  readonly tarballBytes: number;
}

const bytes = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.gguf$/);
const features = [
  'thinking',
  'tools',
  'json',
  'schema',
  'logprobs',
  'answers',
  'explicit-cache',
  'implicit-cache',
  'server-tools',
] as const satisfies readonly Feature[];

const hubPlace = z.strictObject({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  revision: z.string().regex(/^[\w.-]+$/),
});

const packagePart = z.strictObject({
  package: z.string().regex(/^(?:@[a-z0-9._-]+\/)?[a-z0-9][a-z0-9._-]*$/),
  version: z.string().regex(/^\d+\.\d+\.\d+(?:-[\w.-]+)?$/),
  member: z.string().min(1),
  bytes,
  sha256,
  tarballBytes: bytes,
});

const knownModel = z
  .strictObject({
    id: z.string().regex(modelIdPattern),
    name: z.string().min(1),
    file: fileName,
    bytes,
    sha256: sha256.exactOptional(),
    licence: z.string().min(1),
    contextTokens: z.number().int().positive(),
    capabilities: z.strictObject({
      input: z.array(z.literal('text')),
      output: z.array(z.literal('text')),
      features: z.array(z.enum(features)),
    }),
    minFreeMemoryBytes: bytes,
    defaultFromFreeMemoryBytes: bytes.exactOptional(),
    standIn: z.boolean().exactOptional(),
    note: z.string().min(1).exactOptional(),
    huggingFace: hubPlace.exactOptional(),
    modelScope: hubPlace.exactOptional(),
    npm: z.strictObject({ parts: z.array(packagePart).min(1) }).exactOptional(),
  })
  .refine(
    (model) => model.npm === undefined || model.sha256 !== undefined,
    'a model in packages needs the sum of the whole file',
  );

/** Reads a list of known models. Throws a ZodError for a list that breaks the schema: a fault of this program, not of its user. */
export function readKnownModels(list: unknown): readonly KnownModel[] {
  return z.array(knownModel).parse(list);
}

export const knownModels: readonly KnownModel[] = readKnownModels(data);

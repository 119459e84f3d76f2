import type { GgufContent, GgufTensor, GgufValue } from './gguf-file.ts';
import { RandomWeights } from './random-weights.ts';
import type { TinyVocabulary } from './tiny-vocabulary.ts';

/**
 * qwen35moe and qwen35 are the architectures of Qwen3.5 (three Gated-DeltaNet layers to one of attention: a hybrid, which can
 * only go back to checkpoints); llama has attention alone and can go back to any prefix.
 */
export type TinyArchitecture = 'qwen35moe' | 'qwen35' | 'llama';

export interface TinyModelContent {
  readonly architecture: TinyArchitecture;
  readonly template: string;
  readonly contextTokens: number;
  readonly vocabulary: TinyVocabulary;
}

const layers = 8;
const embedding = 128;
const feedForward = 256;
const heads = 4;
const keyValueHeads = 2;
const headSize = 32;
const ropeDimensions = 16;
const convolution = 4;
const stateSize = 32;
const keyGroups = 2;
const valueGroups = 4;
const attentionInterval = 4;
const experts = 8;
const expertsUsed = 2;
const expertFeedForward = 64;
const weightDeviation = 0.08;

/** A model of random weights with a real architecture: it answers with random text, everything else about it is real. */
export function tinyModel(content: TinyModelContent): GgufContent {
  return { keys: keys(content), tensors: tensors(content) };
}

function keys({ architecture, template, contextTokens, vocabulary }: TinyModelContent): GgufContent['keys'] {
  const own = (name: string, value: GgufValue) => [`${architecture}.${name}`, value] as const;
  return [
    ['general.architecture', text(architecture)],
    ['general.name', text(`Tiny ${architecture} (random weights)`)],
    ['general.file_type', whole(7)],
    own('block_count', whole(layers)),
    own('context_length', whole(contextTokens)),
    own('embedding_length', whole(embedding)),
    own('feed_forward_length', whole(feedForward)),
    own('attention.head_count', whole(heads)),
    own('attention.head_count_kv', whole(keyValueHeads)),
    own('attention.key_length', whole(headSize)),
    own('attention.value_length', whole(headSize)),
    own('attention.layer_norm_rms_epsilon', real(1e-6)),
    own('rope.freq_base', real(1e7)),
    own('rope.dimension_count', whole(architecture === 'llama' ? headSize : ropeDimensions)),
    ...(architecture === 'llama' ? [] : hybridKeys(architecture)),
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text('qwen35')],
    ['tokenizer.ggml.tokens', { kind: 'strings', values: vocabulary.tokens }],
    ['tokenizer.ggml.token_type', { kind: 'i32s', values: vocabulary.types }],
    ['tokenizer.ggml.merges', { kind: 'strings', values: vocabulary.merges }],
    ['tokenizer.ggml.eos_token_id', whole(vocabulary.endOfTurnId)],
    ['tokenizer.ggml.padding_token_id', whole(vocabulary.endOfTextId)],
    ['tokenizer.ggml.add_bos_token', { kind: 'bool', value: false }],
    ['tokenizer.chat_template', text(template)],
  ];
}

function hybridKeys(architecture: 'qwen35moe' | 'qwen35'): GgufContent['keys'] {
  const own = (name: string, value: GgufValue) => [`${architecture}.${name}`, value] as const;
  return [
    own('rope.dimension_sections', { kind: 'i32s', values: [3, 3, 2, 0] }),
    own('ssm.conv_kernel', whole(convolution)),
    own('ssm.state_size', whole(stateSize)),
    own('ssm.group_count', whole(keyGroups)),
    own('ssm.time_step_rank', whole(valueGroups)),
    own('ssm.inner_size', whole(valueGroups * stateSize)),
    own('full_attention_interval', whole(attentionInterval)),
    ...(architecture === 'qwen35'
      ? []
      : [
          own('expert_count', whole(experts)),
          own('expert_used_count', whole(expertsUsed)),
          own('expert_feed_forward_length', whole(expertFeedForward)),
          own('expert_shared_feed_forward_length', whole(expertFeedForward)),
        ]),
  ];
}

function tensors({ architecture, vocabulary }: TinyModelContent): GgufTensor[] {
  const make = new TensorMaker();
  const tokens = vocabulary.tokens.length;
  return [
    make.quantized('token_embd.weight', [embedding, tokens], 1),
    make.filled('output_norm.weight', embedding),
    make.quantized('output.weight', [embedding, tokens], 0.25),
    ...Array.from({ length: layers }, (_, layer) => layerTensors(architecture, make.at(`blk.${layer}.`), layer)).flat(),
  ];
}

function layerTensors(architecture: TinyArchitecture, make: TensorMaker, layer: number): GgufTensor[] {
  switch (architecture) {
    case 'llama':
      return [
        make.filled('attn_norm.weight', embedding),
        make.filled('ffn_norm.weight', embedding),
        make.quantized('attn_q.weight', [embedding, headSize * heads]),
        ...keysAndValues(make),
        ...denseTensors(make),
      ];
    case 'qwen35':
      return [...hybridTensors(make, layer), ...denseTensors(make)];
    case 'qwen35moe':
      return [...hybridTensors(make, layer), ...expertTensors(make)];
  }
}

function hybridTensors(make: TensorMaker, layer: number): GgufTensor[] {
  const norms = [make.filled('attn_norm.weight', embedding), make.filled('post_attention_norm.weight', embedding)];
  if ((layer + 1) % attentionInterval !== 0) return [...norms, ...deltaNetTensors(make)];
  return [
    ...norms,
    // Double width: the query and its gate.
    make.quantized('attn_q.weight', [embedding, 2 * headSize * heads]),
    ...keysAndValues(make),
    make.filled('attn_q_norm.weight', headSize),
    make.filled('attn_k_norm.weight', headSize),
  ];
}

function keysAndValues(make: TensorMaker): GgufTensor[] {
  return [
    make.quantized('attn_k.weight', [embedding, headSize * keyValueHeads]),
    make.quantized('attn_v.weight', [embedding, headSize * keyValueHeads]),
    make.quantized('attn_output.weight', [headSize * heads, embedding]),
  ];
}

function deltaNetTensors(make: TensorMaker): GgufTensor[] {
  const keyWidth = stateSize * keyGroups;
  const valueWidth = stateSize * valueGroups;
  return [
    make.quantized('attn_qkv.weight', [embedding, 2 * keyWidth + valueWidth]),
    make.quantized('attn_gate.weight', [embedding, valueWidth]),
    make.plain('ssm_conv1d.weight', [convolution, 2 * keyWidth + valueWidth], 0.3),
    make.filled('ssm_dt.bias', valueGroups),
    make.decay('ssm_a', valueGroups),
    make.quantized('ssm_beta.weight', [embedding, valueGroups]),
    make.quantized('ssm_alpha.weight', [embedding, valueGroups]),
    make.filled('ssm_norm.weight', stateSize),
    make.quantized('ssm_out.weight', [valueWidth, embedding]),
  ];
}

function expertTensors(make: TensorMaker): GgufTensor[] {
  return [
    make.plain('ffn_gate_inp.weight', [embedding, experts], 0.1),
    make.quantized('ffn_gate_exps.weight', [embedding, expertFeedForward, experts]),
    make.quantized('ffn_up_exps.weight', [embedding, expertFeedForward, experts]),
    make.quantized('ffn_down_exps.weight', [expertFeedForward, embedding, experts]),
    make.plain('ffn_gate_inp_shexp.weight', [embedding], 0.1),
    make.quantized('ffn_gate_shexp.weight', [embedding, expertFeedForward]),
    make.quantized('ffn_up_shexp.weight', [embedding, expertFeedForward]),
    make.quantized('ffn_down_shexp.weight', [expertFeedForward, embedding]),
  ];
}

function denseTensors(make: TensorMaker): GgufTensor[] {
  return [
    make.quantized('ffn_gate.weight', [embedding, feedForward]),
    make.quantized('ffn_up.weight', [embedding, feedForward]),
    make.quantized('ffn_down.weight', [feedForward, embedding]),
  ];
}

/** Draws the values of tensors from one stream of numbers, in the order in which they are asked for. */
class TensorMaker {
  readonly #random: RandomWeights;
  readonly #prefix: string;

  constructor(random = new RandomWeights(20_260_901), prefix = '') {
    this.#random = random;
    this.#prefix = prefix;
  }

  at(prefix: string): TensorMaker {
    return new TensorMaker(this.#random, prefix);
  }

  quantized(name: string, shape: readonly number[], deviation = weightDeviation): GgufTensor {
    return { name: this.#prefix + name, shape, type: 'Q8_0', values: this.#random.normal(size(shape), deviation) };
  }

  plain(name: string, shape: readonly number[], deviation: number): GgufTensor {
    return { name: this.#prefix + name, shape, type: 'F32', values: this.#random.normal(size(shape), deviation) };
  }

  filled(name: string, length: number): GgufTensor {
    return { name: this.#prefix + name, shape: [length], type: 'F32', values: new Float32Array(length).fill(1) };
  }

  /** How fast a state fades: -(0.1 to 1.1). */
  decay(name: string, length: number): GgufTensor {
    const values = Float32Array.from({ length }, () => -(0.1 + this.#random.uniform()));
    return { name: this.#prefix + name, shape: [length], type: 'F32', values };
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function whole(value: number): GgufValue {
  return { kind: 'u32', value };
}

function real(value: number): GgufValue {
  return { kind: 'f32', value };
}

function text(value: string): GgufValue {
  return { kind: 'string', value };
}

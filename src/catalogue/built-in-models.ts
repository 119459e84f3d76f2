import type { ModelEntry } from './catalogue.ts';
import qwenFlash from './data/qwen-flash.json' with { type: 'json' };
import qwen3CoderFlash from './data/qwen3-coder-flash.json' with { type: 'json' };
import qwen3OmniFlashRealtime from './data/qwen3-omni-flash-realtime.json' with { type: 'json' };
import qwen3OmniFlash from './data/qwen3-omni-flash.json' with { type: 'json' };
import qwen3VlFlash from './data/qwen3-vl-flash.json' with { type: 'json' };
import qwen35Local08b from './data/qwen3.5-0.8b.json' with { type: 'json' };
import qwen35Local2b from './data/qwen3.5-2b.json' with { type: 'json' };
import qwen35Local35b from './data/qwen3.5-35b-a3b.json' with { type: 'json' };
import qwen35Local4b from './data/qwen3.5-4b.json' with { type: 'json' };
import qwen35Flash from './data/qwen3.5-flash.json' with { type: 'json' };
import qwen35OmniFlash from './data/qwen3.5-omni-flash.json' with { type: 'json' };
import qwen36Flash from './data/qwen3.6-flash.json' with { type: 'json' };
import qwen37Flash from './data/qwen3.7-flash.json' with { type: 'json' };
import qwen38Flash from './data/qwen3.8-flash.json' with { type: 'json' };
import qwen38OmniFlash from './data/qwen3.8-omni-flash.json' with { type: 'json' };
import tinyllama from './data/tinyllama-1.1b-chat.json' with { type: 'json' };
import { readModel } from './read-model.ts';

/** The models that flashmux knows by itself, in the order in which they are listed: the hosted family, then the local models. */
export const builtInModels: readonly ModelEntry[] = [
  qwen35Flash,
  qwenFlash,
  qwen35OmniFlash,
  qwen38Flash,
  qwen38OmniFlash,
  qwen37Flash,
  qwen36Flash,
  qwen3CoderFlash,
  qwen3VlFlash,
  qwen3OmniFlash,
  qwen3OmniFlashRealtime,
  qwen35Local35b,
  qwen35Local4b,
  qwen35Local2b,
  qwen35Local08b,
  tinyllama,
].map(readModel);

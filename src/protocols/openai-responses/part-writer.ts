import type { PartDelta } from '../../model/event.ts';
import type { ItemWriter } from './item-frame.ts';

/** One part of the answer, written into its item. */
export interface PartWriter {
  readonly item: ItemWriter;
  delta(delta: PartDelta): void;
  end(): void;
}

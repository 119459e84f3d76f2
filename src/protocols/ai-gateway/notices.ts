import type { JsonObject } from '../../model/json.ts';
import type { Notice, NoticeCode } from '../../model/notice.ts';
import { carriedFields } from '../../model/protocol.ts';
import type { Carry } from '../../model/protocol.ts';

/** Gathers what a writer could not say as it was said. */
export class Notices {
  readonly list: Notice[] = [];

  add(code: NoticeCode, path: string, message: string): void {
    this.list.push({ code, path, message });
  }

  dropped(path: string, message: string): void {
    this.add('dropped', path, message);
  }

  /** The carried fields that may be written here; a notice for those of another protocol. */
  own(carry: Carry | undefined, path: string): JsonObject {
    if (carry !== undefined && carry.protocol !== 'ai-gateway') {
      const names = Object.keys(carry.fields).slice(0, 8).join(', ');
      this.dropped(path, `The gateway protocol has no place for these fields of ${carry.protocol}: ${names}.`);
    }
    return carriedFields(carry, 'ai-gateway');
  }
}

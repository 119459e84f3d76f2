import type { JsonObject } from '../../model/json.ts';
import type { Notice, NoticeCode } from '../../model/notice.ts';
import { carriedFields } from '../../model/protocol.ts';
import type { Carry, ProtocolName } from '../../model/protocol.ts';

/** Gathers what a writer could not say as it was said. */
export class Notices {
  readonly list: Notice[] = [];
  readonly #protocol: ProtocolName;
  readonly #haveNo: string;

  /** `haveNo`: how a sentence about the protocol begins, such as `Chat completions have no`. */
  constructor(protocol: ProtocolName, haveNo: string) {
    this.#protocol = protocol;
    this.#haveNo = haveNo;
  }

  add(code: NoticeCode, path: string, message: string): void {
    this.list.push({ code, path, message });
  }

  dropped(path: string, message: string): void {
    this.add('dropped', path, message);
  }

  /** The carried fields that may be written here; a notice for those of another protocol. */
  own(carry: Carry | undefined, path: string): JsonObject {
    if (carry !== undefined && carry.protocol !== this.#protocol) {
      const names = Object.keys(carry.fields).slice(0, 8).join(', ');
      this.dropped(path, `${this.#haveNo} place for these fields of ${carry.protocol}: ${names}.`);
    }
    return carriedFields(carry, this.#protocol);
  }
}

import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice, NoticeCode } from '../../model/notice.ts';

/** A body as it is being changed, and what the caller should know about that. */
export class Draft {
  readonly body: Record<string, Json>;
  readonly notices: Notice[] = [];

  constructor(body: JsonObject) {
    this.body = { ...body };
  }

  tell(code: NoticeCode, path: string, message: string): void {
    this.notices.push({ code, path, message });
  }

  /** Removes a field; tells it where the field asked for something. */
  drop(field: string, message: string): void {
    const value = this.body[field];
    if (value === undefined) return;
    delete this.body[field];
    if (value !== null && value !== false) this.tell('dropped', field, message);
  }
}

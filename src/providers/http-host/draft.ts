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

  /** Moves numbers that lie outside of what the host takes to the nearest that it does. */
  clamp(ranges: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>): void {
    for (const [field, { min = -Infinity, max = Infinity }] of Object.entries(ranges)) {
      const value = this.body[field];
      if (typeof value !== 'number') continue;
      const fitting = Math.min(Math.max(value, min), max);
      if (fitting === value) continue;
      this.body[field] = fitting;
      this.tell('clamped', field, `${value} is outside of what this host takes; ${fitting} was sent.`);
    }
  }
}

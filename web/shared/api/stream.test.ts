import { expect, test } from "vitest";
import { EventReader } from "./stream";

test("events are whole wherever the text is cut", () => {
  const text = 'id: 7\nevent: case\ndata: {"a":1}\n\n: still here\n\nevent: clock\ndata: {"b":\ndata: 2}\n\n';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const reader = new EventReader();
    expect([...reader.take(text.slice(0, cut)), ...reader.take(text.slice(cut))]).toEqual([
      { id: "7", event: "case", data: { a: 1 } },
      { id: "7", event: "clock", data: { b: 2 } },
    ]);
  }
});

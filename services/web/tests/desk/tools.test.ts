import { describe, expect, test, vi } from "vitest";
import type { Annotation } from "$/model/types";
import { drawn, RED_INK } from "$/tools/draw";
import type { Surface } from "$/tools/gestures";
import { type Ground, Pointing } from "$/tools/pointing";

const gesture = (places: { x: number; y: number }[]) => ({
  id: "a",
  pageId: "p",
  places,
  ink: RED_INK,
  pressure: 0.5,
});

describe("drawing", () => {
  test("a rectangle without room was a slip", () => {
    expect(
      drawn(
        "rectangle",
        gesture([
          { x: 0.5, y: 0.5 },
          { x: 0.5004, y: 0.7 },
        ]),
      ),
    ).toBeNull();
  });

  test("places off the page are brought back onto it", () => {
    expect(drawn("tick", gesture([{ x: 1.2, y: -0.1 }]))?.points).toEqual([{ x: 1, y: 0 }]);
  });

  test("a text ends with the page", () => {
    expect(drawn("text", gesture([{ x: 0.8, y: 0.5 }]))?.box_width).toBeCloseTo(0.2);
  });

  test("a pen that is pressed harder draws wider", () => {
    const line = [
      { x: 0.1, y: 0.1 },
      { x: 0.2, y: 0.2 },
    ];
    const soft = drawn("pen", { ...gesture(line), pressure: 0.1 })?.width ?? 0;
    const hard = drawn("pen", { ...gesture(line), pressure: 0.9 })?.width ?? 0;
    expect(hard).toBeGreaterThan(soft);
  });
});

function desk(tool: "pen" | "tick" | "select") {
  const scroller = document.createElement("div");
  scroller.setPointerCapture = () => undefined;
  const put = vi.fn<(annotation: Annotation) => void>();
  const surface = {
    pageId: "p",
    size: { width: 600, height: 840 },
    paper: new DOMRect(0, 0, 600, 840),
    canvas: document.createElement("canvas"),
    ink: RED_INK,
    annotations: [],
    put,
    remove: vi.fn(),
    preview: vi.fn(),
  } satisfies Surface;
  const ground = {
    scroller: () => scroller,
    surface: () => surface,
    tool: () => tool,
    canWrite: () => true,
    isPanning: () => false,
    annotationAt: () => null,
    select: vi.fn(),
    write: vi.fn(),
    pinch: vi.fn(),
  } satisfies Ground;
  return { pointing: new Pointing(ground), put, ground };
}

const at = (type: string, pointerId: number, x: number, y: number, pointerType = "touch"): PointerEvent =>
  new PointerEvent(type, { pointerId, pointerType, clientX: x, clientY: y, button: 0 });

describe("pointing", () => {
  test("one finger writes", () => {
    const { pointing, put } = desk("tick");
    pointing.down(at("pointerdown", 1, 300, 420));
    pointing.up(at("pointerup", 1, 300, 420));

    expect(put.mock.calls[0]?.[0].points).toEqual([{ x: 0.5, y: 0.5 }]);
  });

  test("a second finger turns writing into moving the page", () => {
    const { pointing, put, ground } = desk("tick");
    pointing.down(at("pointerdown", 1, 100, 100));
    pointing.down(at("pointerdown", 2, 200, 100));
    pointing.move(at("pointermove", 2, 300, 100));
    pointing.up(at("pointerup", 1, 100, 100));
    pointing.up(at("pointerup", 2, 300, 100));

    expect(put).not.toHaveBeenCalled();
    expect(ground.pinch.mock.calls[0]?.[0]).toBeCloseTo(2);
  });

  test("where a pen is used, a palm does not write", () => {
    const { pointing, put } = desk("tick");
    pointing.down(at("pointerdown", 1, 300, 420, "pen"));
    pointing.up(at("pointerup", 1, 300, 420, "pen"));
    pointing.down(at("pointerdown", 2, 10, 10, "touch"));
    pointing.up(at("pointerup", 2, 10, 10, "touch"));

    expect(put).toHaveBeenCalledTimes(1);
  });

  test("a touch beside every annotation lets go of the selected one", () => {
    const { pointing, ground } = desk("select");
    pointing.down(at("pointerdown", 1, 300, 420, "mouse"));
    pointing.up(at("pointerup", 1, 300, 420, "mouse"));

    expect(ground.select).toHaveBeenCalledWith(null);
  });
});

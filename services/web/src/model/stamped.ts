/** Read annotations of a frozen result, which are kept in the shape of the stamping file. */
import type { Annotation, StampedAnnotation } from "./types";

export function fromStamped(stamped: StampedAnnotation, pageId: string): Annotation {
  return {
    id: stamped.id,
    page_id: pageId,
    kind: stamped.kind,
    points: stamped.points.map(([x, y]) => ({ x, y })),
    color: stamped.color,
    width: stamped.width,
    size: stamped.size ?? 0,
    text: stamped.text ?? "",
    box_width: stamped.box?.[2] ?? 0,
    question_id: "",
    version: 0,
  };
}

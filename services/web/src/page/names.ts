/** Name annotations for those who cannot see them. */
import { m } from "$/i18n/generated/messages.js";
import type { Annotation } from "$/model/types";

export function nameOf(annotation: Annotation): string {
  switch (annotation.kind) {
    case "pen":
      return m.annotation_pen();
    case "highlighter":
      return m.annotation_highlighter();
    case "rectangle":
      return m.annotation_rectangle();
    case "tick":
      return m.annotation_tick();
    case "cross":
      return m.annotation_cross();
    case "text":
      return m.annotation_text({ text: annotation.text });
  }
}

/** Write students the way lists do. */
import type { Student } from "$/api/types";
import { m } from "$/i18n/generated/messages.js";
import type { Choice } from "$/ui/Combobox.svelte";

export function nameOf(student: Pick<Student, "last_name" | "first_name">): string {
  return `${student.last_name} ${student.first_name}`.trim();
}

/** Offer the roster for choosing; who has another copy cannot have this one. */
export function choicesOf(students: readonly Student[], copyId: string): Choice[] {
  return students.map((student) => {
    const birth = student.birth_date.split("-").reverse().join("/");
    const detail = [student.class_name, birth].filter(Boolean).join(" · ");
    const isTaken = student.copy_id !== "" && student.copy_id !== copyId;
    return {
      id: student.id,
      label: nameOf(student),
      detail,
      blocked: isTaken ? m.office_student_taken() : "",
    };
  });
}

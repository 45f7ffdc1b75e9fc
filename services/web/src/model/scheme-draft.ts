/** Edit a scheme as an outline: one line per question with its depth; points stay as they are typed. */
import { formatPoints, parsePoints } from "./points";

export interface DraftLine {
  id: string;
  label: string;
  title: string;
  points: string;
  depth: number;
}

export interface SchemeQuestion {
  id: string;
  parent_id: string;
  label: string;
  title: string;
  maximum: number;
}

export type LineFault = "LABEL_MISSING" | "LABEL_REPEATED" | "POINTS_MISSING";

export const DEEPEST = 4;

/** Write a scheme as lines; parents carry no points of their own. */
export function toDraft(questions: readonly SchemeQuestion[], language: "fr" | "en"): DraftLine[] {
  const depths = new Map<string, number>();
  const parents = new Set(questions.map((question) => question.parent_id));
  return questions.map(({ id, parent_id, label, title, maximum }) => {
    const depth = parent_id ? (depths.get(parent_id) ?? -1) + 1 : 0;
    depths.set(id, depth);
    return { id, label, title, depth, points: parents.has(id) ? "" : formatPoints(maximum, language) };
  });
}

/** Read lines back as a scheme; ids stay, so that marks keep their question. */
export function toQuestions(lines: readonly DraftLine[]): SchemeQuestion[] {
  const path: string[] = [];
  return lines.map((line, i) => {
    path.length = line.depth;
    const parent_id = path.at(-1) ?? "";
    path.push(line.id);
    const maximum = isLeaf(lines, i) ? (parsePoints(line.points) ?? 0) : 0;
    return { id: line.id, parent_id, label: line.label.trim(), title: line.title.trim(), maximum };
  });
}

export function isLeaf(lines: readonly DraftLine[], at: number): boolean {
  return depthAt(lines, at + 1) <= depthAt(lines, at);
}

/** Sum up the leaves of a line's branch. */
export function branchPoints(lines: readonly DraftLine[], at: number): number {
  return sum(lines, at, branchEnd(lines, at));
}

export function totalPoints(lines: readonly DraftLine[]): number {
  return sum(lines, 0, lines.length);
}

/** Say what is wrong with each line, if anything. */
export function faultsOf(lines: readonly DraftLine[]): (LineFault | null)[] {
  return lines.map((line, i) => {
    if (!line.label.trim()) return "LABEL_MISSING";
    if (isLeaf(lines, i) && !parsePoints(line.points)) return "POINTS_MISSING";
    return hasTwin(lines, i) ? "LABEL_REPEATED" : null;
  });
}

/** Put a new question after a line's branch, beside it, with the label that follows. */
export function addAfter(lines: readonly DraftLine[], at: number, id: string): [DraftLine[], number] {
  const before = lines[at];
  const place = before ? branchEnd(lines, at) : 0;
  const label = before ? nextLabel(before.label) : "1";
  const added = { id, label, title: "", points: before?.points ?? "1", depth: before?.depth ?? 0 };
  return [lines.toSpliced(place, 0, added), place];
}

/** Take a line and its branch away. */
export function removeBranch(lines: readonly DraftLine[], at: number): [DraftLine[], number] {
  const left = lines.toSpliced(at, branchEnd(lines, at) - at);
  return [repaired(left), Math.max(0, Math.min(at, left.length - 1))];
}

/** Make a line a part of the question before it, with its branch. */
export function indent(lines: readonly DraftLine[], at: number): DraftLine[] {
  const end = branchEnd(lines, at);
  const deepest = Math.max(...lines.slice(at, end).map((line) => line.depth));
  if (at === 0 || depthAt(lines, at) > depthAt(lines, at - 1) || deepest >= DEEPEST) return [...lines];
  return shifted(lines, at, end, 1);
}

/** Make a line a sibling of its parent, with its branch. */
export function outdent(lines: readonly DraftLine[], at: number): DraftLine[] {
  if (depthAt(lines, at) <= 0) return [...lines];
  return shifted(lines, at, branchEnd(lines, at), -1);
}

/** Change places with the sibling before or after, branches included. */
export function moveBranch(lines: readonly DraftLine[], at: number, by: -1 | 1): [DraftLine[], number] {
  const other = by === 1 ? branchEnd(lines, at) : siblingBefore(lines, at);
  if (other === null || depthAt(lines, other) !== depthAt(lines, at)) return [[...lines], at];
  const [first, second] = by === 1 ? [at, other] : [other, at];
  const end = branchEnd(lines, second);
  const swapped = [...lines.slice(second, end), ...lines.slice(first, second)];
  const moved = [...lines.slice(0, first), ...swapped, ...lines.slice(end)];
  return [moved, by === 1 ? first + (end - second) : first];
}

function depthAt(lines: readonly DraftLine[], at: number): number {
  return lines[at]?.depth ?? -1;
}

function branchEnd(lines: readonly DraftLine[], at: number): number {
  const end = lines.findIndex((line, i) => i > at && line.depth <= depthAt(lines, at));
  return end === -1 ? lines.length : end;
}

function siblingBefore(lines: readonly DraftLine[], at: number): number | null {
  for (let i = at - 1; i >= 0; i--) {
    if (depthAt(lines, i) === depthAt(lines, at)) return i;
    if (depthAt(lines, i) < depthAt(lines, at)) return null;
  }
  return null;
}

function sum(lines: readonly DraftLine[], from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) if (isLeaf(lines, i)) total += parsePoints(lines[i]?.points ?? "") ?? 0;
  return total;
}

function hasTwin(lines: readonly DraftLine[], at: number): boolean {
  const questions = toQuestions(lines);
  const own = questions[at];
  return questions.some(
    (other, i) => i !== at && other.parent_id === own?.parent_id && other.label === own.label,
  );
}

function shifted(lines: readonly DraftLine[], from: number, to: number, by: 1 | -1): DraftLine[] {
  return repaired(lines.map((line, i) => (i >= from && i < to ? { ...line, depth: line.depth + by } : line)));
}

/** Let no line lie more than one step deeper than the line before it. */
function repaired(lines: readonly DraftLine[]): DraftLine[] {
  let before = -1;
  return lines.map((line) => {
    const depth = Math.min(line.depth, before + 1);
    before = depth;
    return depth === line.depth ? line : { ...line, depth };
  });
}

function nextLabel(label: string): string {
  const parts = /^(.*?)(\d+|[a-yA-Y])$/.exec(label.trim());
  if (!parts) return "";
  const [, head = "", last = ""] = parts;
  if (/\d/.test(last)) return head + (Number(last) + 1);
  return head + String.fromCharCode(last.charCodeAt(0) + 1);
}

/** Read the scheme as a tree and sum marks over it, in whole 1/100 points. */
import type { Question } from "./types";

export interface SchemeRow {
  question: Question;
  depth: number;
  isLeaf: boolean;
  /** Of a parent: the sum of its leaves. */
  maximum: number;
}

export type Marks = ReadonlyMap<string, number | null>;

/** List every question in reading order with its depth and maximum. */
export function rowsOf(scheme: readonly Question[]): SchemeRow[] {
  const parents = new Set(scheme.map((question) => question.parent_id));
  const depths = new Map<string, number>();
  return scheme.map((question) => {
    const depth = question.parent_id ? (depths.get(question.parent_id) ?? 0) + 1 : 0;
    depths.set(question.id, depth);
    const isLeaf = !parents.has(question.id);
    return { question, depth, isLeaf, maximum: maximumOf(scheme, question.id) };
  });
}

export function leavesOf(scheme: readonly Question[]): Question[] {
  const parents = new Set(scheme.map((question) => question.parent_id));
  return scheme.filter((question) => !parents.has(question.id));
}

/** List the leaves under a question; itself when it is one. */
export function leavesUnder(scheme: readonly Question[], id: string): Question[] {
  const children = scheme.filter((question) => question.parent_id === id);
  if (children.length === 0) return scheme.filter((question) => question.id === id);
  return children.flatMap((child) => leavesUnder(scheme, child.id));
}

export function maximumOf(scheme: readonly Question[], id: string): number {
  return leavesUnder(scheme, id).reduce((sum, leaf) => sum + leaf.maximum, 0);
}

/** Sum what is marked under a question; null when nothing is. */
export function pointsOf(scheme: readonly Question[], marks: Marks, id: string): number | null {
  return sum(leavesUnder(scheme, id), marks);
}

/** Sum what is marked on the copy. */
export function totalOf(scheme: readonly Question[], marks: Marks): number {
  return sum(leavesOf(scheme), marks) ?? 0;
}

export function fullMaximum(scheme: readonly Question[]): number {
  return leavesOf(scheme).reduce((total, leaf) => total + leaf.maximum, 0);
}

/** List the leaves without a mark; 0 is a mark. */
export function unmarkedOf(scheme: readonly Question[], marks: Marks): Question[] {
  return leavesOf(scheme).filter((leaf) => isUnmarked(marks, leaf.id));
}

/** Find the next unmarked leaf after `from`, going round; null when there is none. */
export function nextUnmarked(scheme: readonly Question[], marks: Marks, from: string): Question | null {
  const leaves = leavesOf(scheme);
  const start = leaves.findIndex((leaf) => leaf.id === from);
  const round = [...leaves.slice(start + 1), ...leaves.slice(0, start + 1)];
  return round.find((leaf) => leaf.id !== from && isUnmarked(marks, leaf.id)) ?? null;
}

/** Find the leaf `by` places away from `from`, staying inside the list. */
export function leafBeside(scheme: readonly Question[], from: string, by: number): Question | null {
  const leaves = leavesOf(scheme);
  const at = leaves.findIndex((leaf) => leaf.id === from);
  return leaves[Math.min(Math.max(at + by, 0), leaves.length - 1)] ?? null;
}

function isUnmarked(marks: Marks, id: string): boolean {
  return (marks.get(id) ?? null) === null;
}

function sum(leaves: readonly Question[], marks: Marks): number | null {
  const given = leaves.map((leaf) => marks.get(leaf.id) ?? null).filter((points) => points !== null);
  return given.length === 0 ? null : given.reduce((total, points) => total + points, 0);
}

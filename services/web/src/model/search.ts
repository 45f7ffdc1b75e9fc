/** Find names however they are typed: accents, case, hyphens and the order of words do not matter. */

/** Reduce text to what is compared. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}@.]+/gu, " ")
    .trim();
}

/** Tell whether every word of `query` starts a word of `text`. */
export function isMatch(text: string, query: string): boolean {
  const words = fold(text).split(" ");
  return fold(query)
    .split(" ")
    .every((wanted) => words.some((word) => word.startsWith(wanted)));
}

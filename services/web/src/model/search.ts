/** Find names however they are typed: accents, case, hyphens and the order of words do not matter. */

/** Letters that do not come apart into a plain one and an accent. */
const PLAIN: Record<string, string> = {
  ø: "o",
  œ: "oe",
  æ: "ae",
  ß: "ss",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

/** Reduce text to what is compared. */
export function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[øœæßłđðþı]/g, (letter) => PLAIN[letter] ?? letter)
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

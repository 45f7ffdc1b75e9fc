/** Read and write points: integers of 1/100 inside, decimals with comma or point outside. */

const WRITTEN = /^(\d{0,6})(?:[.,](\d{0,2}))?$/;

export type PointsFault = "POINTS_OUT_OF_BOUNDS" | "POINTS_OFF_STEP";

/** Read "1,5" or "1.5" as 150; null when it is not a number of points. */
export function parsePoints(text: string): number | null {
  const written = WRITTEN.exec(text.trim());
  if (!written) return null;
  const [, whole = "", decimals = ""] = written;
  if (whole === "" && decimals === "") return null;
  return Number(whole || "0") * 100 + Number(decimals.padEnd(2, "0"));
}

/** Write 150 as "1,5" in French and "1.5" in English; a dash for "not marked", which is not 0. */
export function formatPoints(points: number | null, language: "fr" | "en"): string {
  if (points === null) return "–";
  const sign = points < 0 ? "−" : "";
  const whole = Math.floor(Math.abs(points) / 100);
  const decimals = String(Math.abs(points) % 100)
    .padStart(2, "0")
    .replace(/0+$/, "");
  return sign + whole + (decimals && (language === "fr" ? "," : ".") + decimals);
}

/** Hint at what the server would refuse; it decides. */
export function faultOf(points: number, maximum: number, step: number): PointsFault | null {
  if (points < 0 || points > maximum) return "POINTS_OUT_OF_BOUNDS";
  return step > 0 && points % step !== 0 ? "POINTS_OFF_STEP" : null;
}

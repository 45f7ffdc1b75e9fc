/** Write numbers, dates and sizes the way the reader's language does. */
import { formatPoints } from "$/model/points";
import { language } from "./language.svelte";

const LOCALES = { fr: "fr-FR", en: "en-GB" } as const;

function locale(): string {
  return LOCALES[language.current];
}

/** Write 1/100 points: 150 is "1,5" in French. */
export function points(value: number | null): string {
  return formatPoints(value, language.current);
}

export function number(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

export function percent(part: number, whole: number): string {
  const style = { style: "percent", maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale(), style).format(whole === 0 ? 0 : part / whole);
}

/** Write an ISO date without a time. */
export function date(iso: string): string {
  if (!iso) return "";
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso));
}

/** Write a moment in the reader's own time zone. */
export function moment(iso: string): string {
  if (!iso) return "";
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

export function bytes(size: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = size < 1 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), units.length - 1);
  const style = {
    style: "unit",
    unit: units[step] as string,
    maximumFractionDigits: step > 1 ? 1 : 0,
  } as const;
  return new Intl.NumberFormat(locale(), style).format(size / 1000 ** step);
}

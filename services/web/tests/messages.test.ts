import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Problem } from "$/api/problem";
import { explain, isKnownReason, reasonText } from "$/api/reasons";
import { m } from "$/i18n/generated/messages.js";
import { language } from "$/i18n/language.svelte";

const messages = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(`src/i18n/messages/${name}.json`, "utf8"));
const SERVICES = ["gateway", "grading", "ingest", "notification", "rasterizer"].map(
  (name) => `../${name}/src`,
);
const files = ["", "reasons.", "desk.", "office."];

/** The categories themselves never reach a reader; these are said to services, or under another name. */
const INTERNAL =
  /^(COPY_READY_ALREADY|NOT_DECLARED|WRONG_SCHEMA|HOST_FORBIDDEN|OPERATION_INVALID|BLOB_NOT_FOUND|LETTER_NOT_FOUND|TOKEN_(MISSING|INVALID)|TOO_OLD|CONTACT_UNKNOWN|KIND_UNKNOWN)$/;
const REFUSAL =
  /^class (\w+)\((?:errors\.)?(?:InvalidArgument|NotSignedIn|PermissionDenied|NotFound|FailedPrecondition|Aborted|ResourceExhausted|Unavailable)\)/gm;
const SAID_IN_DATA =
  /(?:Outcome\.(?:refused|set_aside)\(act, |Refused\(|Failure\(|reason=|REASON = )"([A-Z][A-Z_]{3,})"/g;

function reasonsOfServices(): string[] {
  const sources = [...SERVICES, "../../libs/kit/src"].flatMap(pythonUnder);
  const refusals = sources.flatMap((text) =>
    [...text.matchAll(REFUSAL)].map((match) => snake(match[1] ?? "")),
  );
  const said = sources.flatMap((text) => [...text.matchAll(SAID_IN_DATA)].map((match) => match[1] ?? ""));
  return [...new Set([...refusals, ...said])].filter((reason) => !INTERNAL.test(reason)).sort();
}

function pythonUnder(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true }).map(String);
  return files.filter((file) => file.endsWith(".py")).map((file) => readFileSync(join(folder, file), "utf8"));
}

function snake(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}

describe("messages", () => {
  test.each(files)("both languages say the same things in %s*.json", (file) => {
    expect(Object.keys(messages(`${file}fr`)).sort()).toEqual(Object.keys(messages(`${file}en`)).sort());
  });

  test("no message is said in two files", () => {
    const keys = files.flatMap((file) => Object.keys(messages(`${file}fr`)));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  test("every reason that a service can give has a sentence", () => {
    const reasons = reasonsOfServices();
    expect(reasons.length).toBeGreaterThan(60);
    expect(reasons.filter((reason) => !isKnownReason(reason))).toEqual([]);
  });

  test("a sentence follows the language and takes its numbers", () => {
    language.speak("fr");
    expect(reasonText("PASSWORD_WEAK", { minimum: "12" })).toContain("12 caractères");
    language.speak("en");
    expect(reasonText("PASSWORD_WEAK", { minimum: "12" })).toContain("12 characters");
  });

  test("a sentence agrees with each of its numbers", () => {
    language.speak("fr");
    expect(m.office_roster_summary({ students: 1, copyless: 0 })).toBe("1 élève, dont 0 présent sans copie.");
    expect(m.office_roster_summary({ students: 1200, copyless: 2 })).toBe(
      `${new Intl.NumberFormat("fr").format(1200)} élèves, dont 2 présents sans copie.`,
    );
    language.speak("en");
    expect(m.office_roster_summary({ students: 1, copyless: 1 })).toMatch(/^1 student, 1 /);
  });

  test("an unknown reason is explained without jargon", () => {
    expect(explain(new Problem({ reason: "NEVER_HEARD_OF" }))).toBe(reasonText("UNKNOWN"));
  });
});

/** List the screens of one exam: what is set up once, then the way of the paper. */
import { m } from "$/i18n/generated/messages.js";

export type Tab =
  | ""
  | "scheme"
  | "roster"
  | "zones"
  | "members"
  | "settings"
  | "batches"
  | "staging"
  | "writers"
  | "marking"
  | "results";

export interface ExamScreen {
  tab: Tab;
  label: string;
  href: string;
}

export function screensOf(exam: string): ExamScreen[][] {
  const screen = (tab: Tab, label: string): ExamScreen => ({
    tab,
    label,
    href: `/exams/${exam}${tab && `/${tab}`}`,
  });
  return [
    [screen("", m.office_tab_overview())],
    [
      screen("scheme", m.office_tab_scheme()),
      screen("roster", m.office_tab_roster()),
      screen("zones", m.office_tab_zones()),
      screen("members", m.office_tab_members()),
      screen("settings", m.office_tab_settings()),
    ],
    [
      screen("batches", m.office_tab_batches()),
      screen("staging", m.office_tab_staging()),
      screen("writers", m.office_tab_writers()),
      screen("marking", m.office_tab_marking()),
      screen("results", m.office_tab_results()),
    ],
  ];
}

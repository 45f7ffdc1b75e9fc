/** People: who signs in, what they may do, what they are told. */
export type Language = "fr" | "en";
export type AccountRole = "admin" | "operator" | "office";
export type MemberRole = "office" | "marker";
export interface Account {
  id: string;
  email: string;
  name: string;
  language: Language;
  roles: AccountRole[];
}
export interface Membership {
  exam_id: string;
  role: MemberRole;
}
export interface Session {
  account: Account | null;
  csrf: string;
  memberships: Membership[];
}
export interface BrowserSession {
  id: string;
  created_at: string;
  last_seen_at: string;
  user_agent: string;
  is_current: boolean;
}
export interface Link {
  kind: "invitation" | "password_reset";
  email: string;
  name: string;
}
export interface AccountRow extends Account {
  state: "invited" | "active" | "disabled";
  created_at: string;
  last_seen_at: string | null;
}
export interface Member {
  account_id: string;
  email: string;
  name: string;
  role: MemberRole;
  state: "invited" | "active" | "disabled";
}
export interface Notice {
  id: string;
  kind: string;
  exam_id: string;
  exam_name: string;
  created_at: string;
  is_read: boolean;
}
export interface Health {
  services: { name: string; ready: boolean; reason: string }[];
  deliveries: {
    id: string;
    kind: string;
    state: string;
    attempts: number;
    reason: string;
    created_at: string;
  }[];
}
export interface Version {
  version: string;
  source: string;
}

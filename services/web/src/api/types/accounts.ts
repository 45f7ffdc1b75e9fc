/** People: who signs in, what they may do, what they are told. */
import type { components } from "../schema";

type Schemas = components["schemas"];

export type Account = Schemas["Account"];
/** An account as administrators see it. */
export type AccountRow = Account;
export type Language = Account["language"];
export type AccountRole = Account["roles"][number];
export type Membership = Schemas["Membership"];
export type MemberRole = Membership["role"];
export type Session = Schemas["Session"];
export type BrowserSession = Schemas["BrowserSession"];
export type Link = Schemas["Link"];
export type Member = Schemas["Member"];
export type Version = Schemas["Version"];

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
    account_id: string;
    kind: string;
    state: string;
    attempts: number;
    reason: string;
    created_at: string;
  }[];
}

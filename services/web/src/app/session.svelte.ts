/** Know who is signed in and what they may open. */
import { answer, http, presentCsrf, whenSignedOut } from "$/api/client";
import { startLive, stopLive } from "$/api/live";
import type { Account, Language, MemberRole, Membership, Session } from "$/api/types";
import { language } from "$/i18n/language.svelte";

class SessionState {
  account = $state.raw<Account | null>(null);
  memberships = $state.raw<Membership[]>([]);
  isKnown = $state(false);
  /** True when a session ended by itself: the reader is told why they must sign in again. */
  hasExpired = $state(false);

  async load(): Promise<void> {
    this.adopt(await answer<Session>(http.GET("/session")));
  }

  async signIn(email: string, password: string): Promise<void> {
    this.adopt(await answer<Session>(http.POST("/session", { body: { email, password } })));
  }

  async signOut(): Promise<void> {
    await answer(http.DELETE("/session"));
    this.#forget();
    await this.load();
  }

  /** Take over what the gateway said about this session. */
  adopt(session: Session): void {
    presentCsrf(session.csrf);
    this.account = session.account;
    this.memberships = session.memberships;
    this.isKnown = true;
    if (!session.account) return;
    this.hasExpired = false;
    language.speak(session.account.language);
    startLive();
  }

  /** Go back to the sign-in screen, keeping the address and everything that is not sent yet. */
  expire(): void {
    if (!this.account) return;
    this.hasExpired = true;
    this.#forget();
  }

  async speak(chosen: Language): Promise<void> {
    language.speak(chosen);
    if (!this.account) return;
    const body = { language: chosen };
    this.account = await answer<Account>(http.PATCH("/account", { body, keepalive: true }));
  }

  has(role: MemberRole): boolean {
    return this.memberships.some((membership) => membership.role === role);
  }

  get mayCreateExams(): boolean {
    return this.account?.roles.some((role) => role === "admin" || role === "office") ?? false;
  }

  get isAdmin(): boolean {
    return this.account?.roles.includes("admin") ?? false;
  }

  get isOperator(): boolean {
    return this.account?.roles.some((role) => role === "admin" || role === "operator") ?? false;
  }

  get isOffice(): boolean {
    return this.mayCreateExams || this.has("office");
  }

  /** Nobody is a student and on the staff: a student is who has no other role. */
  get isStudent(): boolean {
    return this.account !== null && !this.isOffice && !this.has("marker") && this.account.roles.length === 0;
  }

  #forget(): void {
    stopLive();
    this.account = null;
    this.memberships = [];
  }
}

export const session = new SessionState();
whenSignedOut(() => session.expire());

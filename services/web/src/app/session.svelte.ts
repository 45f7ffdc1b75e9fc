/** Know who is signed in and what they may open. */
import { answer, http, type Problem, presentCsrf, watchSession } from "$/api/client";
import { startLive, stopLive } from "$/api/live";
import type { Account, Language, MemberRole, Membership, Session } from "$/api/types";
import { language } from "$/i18n/language.svelte";

class SessionState {
  account = $state.raw<Account | null>(null);
  memberships = $state.raw<Membership[]>([]);
  isKnown = $state(false);
  /** True when a session ended by itself: what is on the screen stays and waits until the reader is back. */
  hasExpired = $state(false);

  async load(): Promise<void> {
    this.adopt(await answer<Session>(http.GET("/session")));
  }

  async signIn(email: string, password: string): Promise<void> {
    this.adopt(await answer<Session>(http.POST("/session", { body: { email, password } })));
  }

  async signOut(): Promise<void> {
    await answer(http.DELETE("/session")).catch((thrown: Problem) => {
      if (!thrown.isOfSession) throw thrown;
    });
    this.#forget();
    await this.load();
  }

  /** Take over what the gateway said about this session. */
  adopt(session: Session): void {
    if (this.account && session.account?.id !== this.account.id) this.#leave(session.account);
    else this.#enter(session);
  }

  /** What is on the screen is not for another person's eyes, and what waits to be sent is not theirs. */
  #leave(another: Account | null): void {
    if (another) beginAnew();
    else this.expire();
  }

  #enter(session: Session): void {
    this.account = session.account;
    this.memberships = session.memberships;
    this.isKnown = true;
    this.hasExpired = false;
    presentCsrf(session.csrf);
    if (!session.account) return;
    language.speak(session.account.language);
    startLive();
  }

  /** Ask who is there, over the screen as it is: everything that is not sent yet waits. */
  expire(): void {
    if (!this.account) return;
    this.hasExpired = true;
    stopLive();
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
    this.hasExpired = false;
    this.account = null;
    this.memberships = [];
  }
}

/** Load the whole app, and not at an address that works once. */
function beginAnew(): void {
  if (location.pathname.startsWith("/link/")) location.replace("/");
  else location.reload();
}

export const session = new SessionState();
watchSession({
  ended: () => session.expire(),
  changed: () => void session.load().catch(() => undefined),
});

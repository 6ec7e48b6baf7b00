import { createStore } from "./store.ts";

/** Who is signed in. In sessionStorage: it outlives the way to the bank and back, but not the tab, and is in no URL. */
export type Session = { readonly token: string; readonly expiresAt: number };

type State = { readonly session: Session | null; readonly hasEnded: boolean };

const key = "session";
const store = createStore<State>({ session: load(), hasEnded: false });
export const useSession = store.use;
let timer: number | undefined;
schedule();

function load(): Session | null {
  const text = sessionStorage.getItem(key);
  return text === null ? null : (JSON.parse(text) as Session);
}

function set(next: State): void {
  store.set(next);
  if (next.session === null) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, JSON.stringify(next.session));
  schedule();
}

/** A token says when it ends: the page need not wait until the gateway refuses it. */
function schedule(): void {
  window.clearTimeout(timer);
  const { session } = store.get();
  if (session !== null) timer = window.setTimeout(endSession, Math.max(0, session.expiresAt - Date.now()));
}

/** The token is no longer taken: the user has to sign in again, and then goes on where they are. */
export function endSession(): void {
  if (store.get().session !== null) set({ session: null, hasEnded: true });
}

export const signOut = () => set({ session: null, hasEnded: false });

export type Person = { readonly psuId: string; readonly name: string; readonly country: string | null };

/** The sandbox's or the example's own development sign-in: put your identity provider in the place of these two. */
export async function listPeople(): Promise<readonly Person[]> {
  const response = await fetch("/sandbox/people");
  if (!response.ok) throw new Error(`The sign-in answered ${response.status}.`);
  return ((await response.json()) as { data: Person[] }).data;
}

export async function signIn({ psuId }: Person): Promise<void> {
  const response = await fetch("/sandbox/sign-in", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ psuId }),
  });
  if (!response.ok) throw new Error(`The sign-in answered ${response.status}.`);
  const { access_token: token, expires_in } = (await response.json()) as { access_token: string; expires_in: number };
  set({ session: { token, expiresAt: Date.now() + expires_in * 1000 }, hasEnded: false });
}

/** Ends what a token has opened when the token ends, with one timer for all of them. */
import type { Viewer } from "./viewer.ts";

/** What ends with a token. */
type ExpiryListener = { onExpire(): void };

/** A timer does not notice that the machine's clock was set: so often it is compared. */
const maxTimerMs = 60_000;

const never: Disposable = { [Symbol.dispose]() {} };

// One timer each would take a third of a kilobyte more for each of thousands of open streams.
const expiries = new Set<Expiry>();
let timer: NodeJS.Timeout | undefined;
let timerAt = Number.POSITIVE_INFINITY;

class Expiry implements Disposable {
  readonly at: number;
  readonly listener: ExpiryListener;

  constructor(at: number, listener: ExpiryListener) {
    this.at = at;
    this.listener = listener;
  }

  [Symbol.dispose](): void {
    expiries.delete(this);
  }
}

/**
 * Calls the listener once when the viewer's token ends; not before, however far that is, and never once disposed. At most
 * a minute late where the clock was set forward.
 */
export function onTokenExpiry({ expiresAt }: Viewer, listener: ExpiryListener): Disposable {
  if (expiresAt === null) return never;
  const expiry = new Expiry(expiresAt, listener);
  expiries.add(expiry);
  if (expiresAt < timerAt) setTimer(expiresAt);
  return expiry;
}

function setTimer(at: number): void {
  clearTimeout(timer);
  timerAt = at;
  timer = setTimeout(expireDue, Math.min(Math.max(0, at - Date.now()), maxTimerMs));
  timer.unref();
}

function expireDue(): void {
  timerAt = Number.POSITIVE_INFINITY;
  const now = Date.now();
  let next = Number.POSITIVE_INFINITY;
  for (const expiry of expiries) {
    if (expiry.at > now) {
      next = Math.min(next, expiry.at);
      continue;
    }
    expiries.delete(expiry);
    expiry.listener.onExpire();
  }
  if (next < timerAt) setTimer(next);
}

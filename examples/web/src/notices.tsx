import { type ReactNode, useEffect, useState } from "react";
import type { CombinedError } from "urql";
import { Button } from "./button.tsx";
import { toCode } from "./client.ts";

/** By `extensions.code`, never by the message: codes are a closed set, messages are not. */
const texts: Readonly<Record<string, string>> = {
  OFFLINE: "The server cannot be reached. Check your connection.",
  UPSTREAM_UNAVAILABLE: "The banking service does not answer at the moment.",
  UPSTREAM_TIMEOUT: "The banking service takes too long to answer.",
  RATE_LIMITED: "That was a lot at once. Wait a moment, then try again.",
  CONFLICT: "This is not done. The provider ends one bank after the other, perhaps only after days.",
  NOT_FOUND: "This does not exist any more, or it is not yours.",
  BAD_USER_INPUT: "The provider does not take this:",
};

/** What went wrong, what can be done, and the reference that support will ask for. */
export function Problem({ error, retry }: { error: CombinedError; retry?: () => void }) {
  const code = toCode(error);
  const [first] = error.graphQLErrors;
  const requestId = first?.extensions["requestId"];
  return (
    <Alarm retry={retry}>
      {texts[code] ?? "Something went wrong."} {code === "BAD_USER_INPUT" && first?.message}
      {typeof requestId === "string" && <small> Reference: {requestId}</small>}
    </Alarm>
  );
}

export function Alarm({ retry, children }: { retry?: (() => void) | undefined; children: ReactNode }) {
  return (
    <div className="notice bad" role="alert">
      <p>{children}</p>
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** Says so when it takes long, instead of turning for ever. */
export function Loading({ what }: { what: string }) {
  const isSlow = useDelay(4000);
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {isSlow ? `Still loading ${what}. This takes longer than usual.` : `Loading ${what}…`}
    </p>
  );
}

/** Whether so many milliseconds have passed since it was first shown. */
export function useDelay(ms: number): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setOver(true), ms);
    return () => window.clearTimeout(timer);
  }, [ms]);
  return isOver;
}

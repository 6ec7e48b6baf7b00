import { type ReactNode, useEffect, useState } from "react";
import type { CombinedError } from "urql";
import { Button } from "./button.tsx";
import { firstError, toCode } from "./client.ts";
import { texts } from "./language.ts";

type ProblemProps = { error: CombinedError; at?: string; retry?: () => void; children?: ReactNode };

/**
 * What went wrong, at the path `at` of the answer, and the reference that support will ask for. By `extensions.code` and
 * `field`, which are closed sets: messages are for developers. `children` say what is missing on the page.
 */
export function Problem({ error, at = "", retry, children }: ProblemProps) {
  const { field, requestId } = firstError(error, at)?.extensions ?? {};
  return (
    <Alarm retry={retry}>
      {children} {texts.fields[String(field)] ?? texts.errors[toCode(error, at)] ?? texts.otherError}
      {typeof requestId === "string" && <small> {texts.reference(requestId)}</small>}
    </Alarm>
  );
}

export function Alarm({ retry, children }: { retry?: (() => void) | undefined; children: ReactNode }) {
  return (
    <div className="notice bad" role="alert">
      <p>{children}</p>
      {retry && <Button onClick={retry}>{texts.again}</Button>}
    </div>
  );
}

/** Says so when it takes long, instead of turning for ever. */
export function Loading() {
  const isSlow = useDelay(4000);
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {isSlow ? texts.loadingLong : texts.loading}
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

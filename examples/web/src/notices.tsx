import { type ReactNode, useEffect, useState } from "react";
import type { CombinedError } from "urql";
import { Button } from "./button.tsx";
import { firstError, toCode } from "./client.ts";
import { texts } from "./language.ts";
import { Link, Title } from "./router.tsx";

type ProblemProps = { error: CombinedError; at?: string; retry?: () => void; children?: ReactNode };

/**
 * What went wrong, at the path `at` of the answer, and the reference that support will ask for. By `extensions`, whose
 * `code`, `field` and flags are closed sets: messages are for developers. `children` say what is missing on the page.
 */
export function Problem({ error, at = "", retry, children }: ProblemProps) {
  const extensions = firstError(error, at)?.extensions ?? {};
  const { field, requestId } = extensions;
  const flag = Object.keys(texts.flags).find((name) => extensions[name] === true) ?? "";
  const text = texts.flags[flag] ?? texts.fields[String(field)] ?? texts.errors[toCode(error, at)];
  return (
    <Alarm retry={retry}>
      {children} {text ?? texts.otherError}
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

/** For an address that leads nowhere, or to what is not the user's: the two look alike. */
export const NotFound = () => (
  <>
    <Title name={texts.noPage} />
    <p>{texts.noPageText}</p>
    <Link className="button" href="/">
      {texts.goToBanks}
    </Link>
  </>
);

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

import { type ComponentProps, type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";

/** Four pages need no library: the path is the state, and the History API keeps it. */
const listeners = new Set<() => void>();
window.addEventListener("popstate", () => {
  for (const listener of listeners) listener();
});

export function navigate(to: string): void {
  history.pushState(null, "", to);
  window.scrollTo(0, 0);
  for (const listener of listeners) listener();
}

export function useLocation(): URL {
  const href = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => location.href,
  );
  return new URL(href);
}

/** A real link: it opens in a new tab, can be copied, and is announced as one. */
export function Link({ href = "/", ...rest }: ComponentProps<"a">) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        navigate(href);
      }}
    />
  );
}

let isFirstPage = true;

/** A page's heading. It takes the focus, so that keyboards and screen readers begin where the new page begins. */
export function Title({ name, children }: { readonly name: string; readonly children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${name} · Purse`;
  }, [name]);
  useEffect(() => {
    // What a browser has just loaded, it announces by itself.
    if (isFirstPage) isFirstPage = false;
    else heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? name}
    </h1>
  );
}

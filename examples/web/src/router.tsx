import { type ComponentProps, useEffect, useRef } from "react";
import { createStore } from "./store.ts";

/** Four pages need no library: the address is the state, and the History API keeps it. */
const address = createStore(location.href);
window.addEventListener("popstate", () => address.set(location.href));

export function navigate(to: string): void {
  history.pushState(null, "", to);
  window.scrollTo(0, 0);
  address.set(location.href);
}

export const useAddress = () => new URL(address.use());

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
export function Title({ name }: { name: string }) {
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
      {name}
    </h1>
  );
}

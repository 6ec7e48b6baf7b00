/** Drives the bank pages as a browser would: follows links and redirects, fills in and submits forms. */
export type BankChoice = {
  /** "refusal": the bank refuses the user. */
  readonly decision: "consent" | "cancel" | "refusal";
  /** The bank's name or the last part of its address; several where the provider allows it. Default: the first. */
  readonly bank?: string | readonly string[];
  /** How many accounts to share. Default: all. */
  readonly accounts?: "all" | number;
  /** What the bank does 15 seconds after the consent. Default: nothing. */
  readonly nextStep?: "reauthentication" | "expiry";
};

/** Returns the address outside the bank that the browser is sent to in the end. Throws when a page is unexpected. */
export async function visitBank(link: string, choice: BankChoice): Promise<{ readonly redirectedTo: string }> {
  const browser = createBrowser(new URL(link));
  let page = await browser.open(link);
  if (choice.decision === "cancel") return requireExit(await browser.submit(page, "cancel", {}));

  const wanted = choice.bank === undefined ? [undefined] : [choice.bank].flat();
  for (const [at, bank] of wanted.entries()) {
    if (!hasForm(page, "sign-in")) page = requirePage(await browser.open(findBank(page, bank)));
    if (choice.decision === "refusal") return requireExit(await browser.submit(page, "refuse", {}));
    page = requirePage(await browser.submit(page, "sign-in", {}));
    const count =
      choice.accounts === undefined || choice.accounts === "all" ? Number.POSITIVE_INFINITY : choice.accounts;
    const isLast = at === wanted.length - 1;
    const pressed = { next: isLast ? "finish" : "another", nextStep: choice.nextStep ?? "none" };
    const next = await browser.submit(page, "accounts", pressed, count);
    if (isLast) return requireExit(next);
    page = requirePage(next);
  }
  throw new Error("No bank was named.");
}

/** A page of the bank, or the address outside the bank that it redirected to. */
type Page = { readonly url: URL; readonly html: string } | { readonly exitedTo: string };
type BankPage = Extract<Page, { html: string }>;

function createBrowser({ origin }: URL) {
  const isInside = (url: URL) =>
    url.origin === origin && /^\/(bank|api\/payments\/v3\/connectors\/open-banking)\//.test(url.pathname);

  async function request(target: string | URL, init: RequestInit): Promise<Page> {
    let url = new URL(target);
    let response = await fetch(url, { ...init, redirect: "manual" });
    for (;;) {
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) break;
      await response.body?.cancel();
      const next = URL.canParse(location, url) ? new URL(location, url) : null;
      if (next === null || !isInside(next)) return { exitedTo: location };
      url = next;
      response = await fetch(url, { redirect: "manual" });
    }
    const html = await response.text();
    if (!response.ok) throw new Error(`The bank page ${url.pathname} answered ${response.status}: ${titleOf(html)}`);
    return { url, html };
  }

  return {
    async open(target: string | URL): Promise<BankPage> {
      return requirePage(await request(target, {}));
    },
    /** Submits the form whose address ends with `name`, as it is filled in, plus what is pressed or typed. */
    submit(page: BankPage, name: string, typed: Readonly<Record<string, string>>, boxes = Number.POSITIVE_INFINITY) {
      const form = formOf(page, name);
      if (form === undefined) throw new Error(`The page "${titleOf(page.html)}" has no form ${name}.`);
      const fields = new URLSearchParams();
      let checked = 0;
      for (const [tag] of form.html.matchAll(/<input [^>]*>/g)) {
        const isBox = attribute(tag, "type") === "checkbox";
        if (isBox && (!/ checked[ >]/.test(tag) || checked++ >= boxes)) continue;
        fields.append(attribute(tag, "name"), attribute(tag, "value"));
      }
      for (const [key, value] of Object.entries(typed)) fields.set(key, value);
      return request(new URL(form.action, page.url), { method: "POST", body: fields });
    },
  };
}

function requirePage(page: Page): BankPage {
  if ("exitedTo" in page) throw new Error(`The bank sent the browser away too early, to ${page.exitedTo}`);
  return page;
}

function requireExit(page: Page): { readonly redirectedTo: string } {
  if ("exitedTo" in page) return { redirectedTo: page.exitedTo };
  throw new Error(`The bank did not send the browser back: "${titleOf(page.html)}"`);
}

function formOf({ html }: BankPage, name: string) {
  return [...html.matchAll(/<form [^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)]
    .map(([, action = "", body = ""]) => ({ action: decodeText(action), html: body }))
    .find((form) => form.action.endsWith(`/${name}`));
}

const hasForm = (page: BankPage, name: string): boolean => formOf(page, name) !== undefined;

function findBank({ url, html }: BankPage, wanted: string | undefined): URL {
  const links = [...html.matchAll(/<a href="([^"]*)">(.*?)<\/a>/gs)];
  const found = links.find(([, href = "", label = ""]) => {
    if (wanted === undefined || href.endsWith(`/${wanted}`)) return true;
    return decodeText(label.replace(/<[^>]*>/g, " ")).includes(wanted);
  });
  if (found === undefined) throw new Error(`The page "${titleOf(html)}" offers no bank ${wanted ?? "at all"}.`);
  return new URL(decodeText(found[1] ?? ""), url);
}

const attribute = (tag: string, name: string): string =>
  decodeText(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
const titleOf = (html: string): string => decodeText(/<title>(.*?)<\/title>/s.exec(html)?.[1] ?? "");
const decodeText = (text: string): string =>
  text.replace(/&#(\d+);/g, (_match, code: string) => String.fromCharCode(Number(code)));

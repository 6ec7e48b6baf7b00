/**
 * The banks' pages, where a user signs in, chooses accounts, and consents or cancels. The link's token is all that
 * identifies the user; what was chosen so far stays with the link, so pages can be reloaded and gone back to.
 */
import { createHash } from "node:crypto";
import { type HttpResponse, redirect } from "../http/response.ts";
import type { Product } from "../models/product.ts";
import type { NextStep } from "../operations/connection.ts";
import type { Session } from "../operations/link.ts";
import { type Bank, bankOf, banks } from "../seed/banks.ts";
import { rowsByProvider } from "../seed/rows-by-provider.ts";
import type { World } from "../world.ts";
import { type BankPageView, bankChoiceView, consentView, errorView, signInView } from "./bank-page-views.ts";
import { html } from "./markup.ts";
import { toStyle } from "./style.ts";

export type BankPageRequest = {
  readonly method: string;
  readonly pathname: string;
  readonly body: string;
};

export type BankPages = {
  /** `null` for any other path. */
  respond(request: BankPageRequest): HttpResponse | null;
};

const linkErrorStatus = { unknown: 404, used: 410, expired: 410 } as const;

export function createBankPages(world: World): BankPages {
  function respond({ method, pathname, body }: BankPageRequest): HttpResponse | null {
    const [root, token, place, step, ...rest] = pathname.slice(1).split("/");
    if (root !== "bank") return null;
    const session = world.links.find(token ?? "");
    if (typeof session === "string") return page(linkErrorStatus[session], errorView(session), null);
    if (rest.length > 0) return notFoundPage(session);
    const form = new URLSearchParams(body);
    switch (`${method} ${step === undefined ? (place ?? "") : `:bank/${step}`}`) {
      case "GET ":
        return choose(session);
      case "POST cancel":
        return redirect(303, world.links.cancel(session));
      case "POST finish":
        return session.grants.length === 0 ? choose(session) : redirect(303, world.links.finish(session));
    }
    const bank = bankFor(session, place ?? "");
    if (bank === undefined) return notFoundPage(session);
    switch (`${method} ${step ?? ""}`) {
      case "GET ":
        return page(200, signInView(session, bank), session);
      case "POST refuse":
        return redirect(303, world.links.refuse(session));
      case "POST sign-in":
        session.signedInTo.add(bank.id);
        return redirect(303, `/bank/${session.token}/${bank.id}/accounts`);
      case "GET accounts":
        return session.signedInTo.has(bank.id) ? askConsent(session, bank, false) : signInFirst(session, bank);
      case "POST accounts":
        return session.signedInTo.has(bank.id) ? takeConsent(session, bank, form) : signInFirst(session, bank);
      default:
        return notFoundPage(session);
    }
  }

  function choose(session: Session): HttpResponse {
    if (session.relinks !== null) return redirect(303, `/bank/${session.token}/${session.relinks.bankID}`);
    const added = session.grants.map(({ bankID }) => bankOf(bankID)).filter((bank) => bank !== undefined);
    const country = world.person(session.attempt.psuID)?.address?.country;
    const offered = banks
      .filter((bank) => bank.provider === session.connector.provider && !added.includes(bank))
      .sort((a, b) => Number(b.country === country) - Number(a.country === country));
    return page(200, bankChoiceView(session, offered, added), session);
  }

  function askConsent(session: Session, bank: Bank, isIncomplete: boolean): HttpResponse {
    const accounts = productsFor(session, bank).map((product, at) => ({
      product,
      amount: amountOf(session, bank, product, at),
    }));
    const canAddAnother = session.grants.length + 1 < session.maxConnections;
    const view = consentView(session, bank, { accounts, canAddAnother, isIncomplete });
    return page(isIncomplete ? 422 : 200, view, session);
  }

  /** What is stored of the account, or will be once it is shared. */
  function amountOf({ relinks }: Session, bank: Bank, product: Product, at: number): bigint {
    const rows = world.balances(relinks?.accountIDs[at] ?? "");
    const newest = rows.find(({ asset }) => asset === product.asset);
    return newest?.amount ?? rowsByProvider[bank.provider].toStoredAmount(product, product.opening);
  }

  function takeConsent(session: Session, bank: Bank, form: URLSearchParams): HttpResponse {
    const chosen = new Set(form.getAll("account"));
    const products = productsFor(session, bank).filter((_product, at) => chosen.has(String(at)));
    if (products.length === 0) return askConsent(session, bank, true);
    world.links.grant(session, bank.id, products, readNextStep(form.get("nextStep")));
    const addsAnother = form.get("next") === "another" && session.grants.length < session.maxConnections;
    return redirect(303, addsAnother ? `/bank/${session.token}` : world.links.finish(session));
  }

  return { respond };
}

const readNextStep = (value: string | null): NextStep =>
  value === "reauthentication" || value === "expiry" ? value : "none";

const signInFirst = (session: Session, bank: Bank): HttpResponse => redirect(303, `/bank/${session.token}/${bank.id}`);

const notFoundPage = (session: Session): HttpResponse => page(404, errorView("page"), session);

/** A bank of the link's provider that is not linked yet; for a renewal only the connection's own. */
function bankFor(session: Session, id: string): Bank | undefined {
  const bank = bankOf(id);
  if (bank === undefined || bank.provider !== session.connector.provider) return undefined;
  if (session.relinks !== null) return bank.id === session.relinks.bankID ? bank : undefined;
  return session.grants.some(({ bankID }) => bankID === id) ? undefined : bank;
}

const productsFor = ({ relinks }: Session, bank: Bank): readonly Product[] =>
  relinks === null || relinks.products.length === 0 ? bank.products : relinks.products;

function page(status: number, { title, hue, body }: BankPageView, session: Session | null): HttpResponse {
  const style = toStyle(hue);
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    // Browsers hold the redirect after a form to this as well, so the client's own address has to be in it.
    `form-action 'self'${session === null ? "" : ` ${toSource(session.attempt.clientRedirectURL)}`}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Sandbox</title>
<style>`;
  const rest = html`</style>
</head>
<body>
<p class="note"><strong>Sandbox.</strong> This bank is fictitious. Do not enter real credentials.</p>
${body}
</body>
</html>
`;
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy.join("; "),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "cross-origin-opener-policy": "same-origin",
      "cache-control": "no-store",
    },
    body: text + style + rest.text,
  };
}

/** The address as a source of a content security policy: its origin, or the scheme of an application's own. */
function toSource(url: string): string {
  if (!URL.canParse(url)) return "";
  const { origin, protocol } = new URL(url);
  if (origin === "null") return protocol;
  // A host may hold signs that mean something in a policy.
  return /^[\w.:/[\]-]+$/.test(origin) ? origin : "";
}

/** The HTML of each bank page. */

import { readAsset, toDecimal } from "../decimal.ts";
import { isOpenBanking } from "../models/connector.ts";
import type { Product } from "../models/product.ts";
import type { Session } from "../operations/link.ts";
import type { Bank } from "../seed/banks.ts";
import { html, type Markup } from "./markup.ts";

export type BankPageView = { readonly title: string; readonly hue: number; readonly body: Markup };

const providerNames = { plaid: "Plaid", tink: "Tink", powens: "Powens" };
const hueOfNone = 220;

const pathOf = ({ token }: Session): string => `/bank/${token}`;
const countryNames = new Intl.DisplayNames("en", { type: "region" });
const initials = (name: string): string =>
  name
    .split(" ")
    .filter((word) => /^\p{Lu}/u.test(word))
    .slice(0, 2)
    .map((word) => word.charAt(0))
    .join("");

const frame = (name: string, subtitle: string, content: Markup): Markup => html`<main>
<header><span class="mark" aria-hidden="true">${initials(name)}</span><p>${name}<small>${subtitle}</small></p></header>
<section class="sheet">${content}</section>
<footer>No real bank, no real money.</footer>
</main>`;

const cancelForm = (session: Session): Markup => html`<form method="post" action="${pathOf(session)}/cancel">
<button class="quiet">Cancel and go back</button>
</form>`;

const appOf = ({ applicationName }: Session): string => applicationName || "The application";

export function bankChoiceView(session: Session, banks: readonly Bank[], added: readonly Bank[]): BankPageView {
  const provider = isOpenBanking(session.connector.provider) ? providerNames[session.connector.provider] : "Sandbox";
  const body = html`${
    added.length === 0
      ? html`<h1>Choose your bank</h1>
<p class="lead">${appOf(session)} would like to see your accounts. You decide which.</p>`
      : html`<h1>Add another bank?</h1>
<p class="done">Added: ${added.map((bank) => bank.name).join(", ")}</p>`
  }
<ul class="banks">${banks.map(
    (
      bank,
    ) => html`<li><a href="${pathOf(session)}/${bank.id}"><span class="mark small" aria-hidden="true">${initials(bank.name)}</span>
<span>${bank.name}</span><span>${countryNames.of(bank.country) ?? bank.country}</span></a></li>`,
  )}</ul>
${
  added.length === 0
    ? null
    : html`<form method="post" action="${pathOf(session)}/finish"><button>Finish with ${added.length} ${added.length === 1 ? "bank" : "banks"}</button></form>`
}
${cancelForm(session)}`;
  return { title: "Choose your bank", hue: hueOfNone, body: frame(`${provider} Link`, "Secure account linking", body) };
}

export function signInView(session: Session, bank: Bank): BankPageView {
  const again = session.relinks !== null;
  const body = html`<h1>${again ? "Sign in again" : "Sign in"}</h1>
<p class="lead">${
    again
      ? html`${appOf(session)} has lost access to your accounts at ${bank.name}. Sign in to renew it.`
      : html`Sign in to ${bank.name} to choose what ${appOf(session)} may see.`
  }</p>
<form method="post" action="${pathOf(session)}/${bank.id}/sign-in">
<label for="user">Customer number</label>
<input id="user" name="user" type="text" value="10042001" autocomplete="off" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" value="sandbox" autocomplete="off" required>
<button>Sign in</button>
</form>
${cancelForm(session)}
<p class="aside">Anything you type is accepted, and nothing of it is kept.</p>
<form method="post" action="${pathOf(session)}/${bank.id}/refuse" class="try">
<p>To try in the sandbox:</p>
<button class="plain">Let the bank refuse me</button>
</form>`;
  return { title: `Sign in to ${bank.name}`, hue: bank.hue, body: frame(bank.name, "Online banking", body) };
}

export type ConsentInput = {
  /** With the amounts that are stored, or will be. */
  readonly accounts: readonly { readonly product: Product; readonly amount: bigint }[];
  readonly canAddAnother: boolean;
  readonly isIncomplete: boolean;
};

export function consentView(
  session: Session,
  bank: Bank,
  { accounts, canAddAnother, isIncomplete }: ConsentInput,
): BankPageView {
  const body = html`<h1>Share your accounts</h1>
<p class="lead">Choose what ${appOf(session)} may see. It cannot move money.</p>
${isIncomplete ? html`<p class="wrong" role="alert" id="wrong">Choose at least one account.</p>` : null}
<form method="post" action="${pathOf(session)}/${bank.id}/accounts">
<fieldset${isIncomplete ? html` aria-describedby="wrong"` : null}><legend>Your accounts</legend>${accounts.map(
    (
      { product, amount },
      at,
    ) => html`<label class="account"><input type="checkbox" name="account" value="${at}"${isIncomplete ? null : html` checked`}>
<span><b>${product.name}</b><small>${kindNames[product.kind]}</small></span><output>${toAmount(bank, product, amount)}</output></label>`,
  )}</fieldset>
<ul class="terms"><li>Names, types and balances of these accounts</li><li>Their payments of the last months</li><li>For 90 days, or until you take it back</li></ul>
<div class="try">
<label for="next-step">To try in the sandbox: 15 seconds later the bank</label>
<select id="next-step" name="nextStep">
<option value="none">still gives access</option>
<option value="reauthentication">wants you to sign in again</option>
${bank.provider === "plaid" ? html`<option value="expiry">announces that the consent ends in a week</option>` : null}
</select>
</div>
<button name="next" value="finish">${session.relinks === null ? "Give consent" : "Renew consent"}</button>
${canAddAnother ? html`<button class="plain" name="next" value="another">Give consent and add another bank</button>` : null}
</form>
${cancelForm(session)}`;
  return {
    title: `Share your accounts at ${bank.name}`,
    hue: bank.hue,
    body: frame(bank.name, "Online banking", body),
  };
}

const kindNames = {
  checking: "Current account",
  savings: "Savings",
  card: "Card",
  mortgage: "Mortgage",
  crypto: "Crypto asset",
};

/** For people to read: never more than six decimals. Plaid states what is owed on a card as a positive amount. */
function toAmount({ provider }: Bank, { asset, kind }: Product, amount: bigint): string {
  const [whole = "", fraction = ""] = toDecimal(amount, asset).replace("-", "−").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const { currency } = readAsset(asset);
  const owed = provider === "plaid" && kind === "card" ? " owed" : "";
  return `${grouped}${fraction === "" ? "" : `.${fraction.slice(0, 6)}`} ${currency}${owed}`;
}

const errorTexts = {
  unknown: [
    "This link does not exist",
    "It may have been replaced by a newer one, or the person it was made for is gone.",
  ],
  used: ["This link has been used", "Each link works once. Go back to the application and ask for a new one."],
  expired: ["This link has expired", "Links live for half an hour. Go back to the application and ask for a new one."],
  page: ["This page does not exist", "Go back and choose a bank from the list."],
} as const;

export function errorView(why: keyof typeof errorTexts): BankPageView {
  const [title, text] = errorTexts[why];
  const body = html`<h1>${title}</h1><p class="lead">${text}</p>`;
  return { title, hue: hueOfNone, body: frame("Bank Link", "Secure account linking", body) };
}

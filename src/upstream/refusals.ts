/** What the service's refusals mean to the caller: a field of the input, and plain words. */
import type { UpstreamError } from "./errors.ts";

export type Refusal = {
  readonly kind: "invalid" | "not-found" | "conflict";
  /** A path in the mutation's input, or in the PSU that it names (`paymentServiceUser.…`). */
  readonly field: string;
  readonly message: string;
  /** What clients decide by, next to the code. */
  readonly flags?: { readonly alreadyForwarded?: true; readonly notForwarded?: true };
};

type Row = {
  /** Found in the service's text, without the chain at its end. */
  readonly words: RegExp;
  /** By the names of calls. */
  readonly fields: Readonly<Record<string, string>>;
  readonly message: string;
  /** `invalid` where it is absent. */
  readonly kind?: Refusal["kind"];
  readonly flags?: Refusal["flags"];
};

/** `null` for a failure that is no refusal, and for a refusal that the table does not know. */
export function findRefusal({ refused, message: text }: UpstreamError): Refusal | null {
  if (refused === null) return null;
  const ownText = text.slice(0, maxLength).replace(chain, "");
  for (const { words, fields, message, kind = "invalid", flags } of rows[refused.code] ?? []) {
    const field = fields[refused.call];
    if (field !== undefined && words.test(ownText)) return { kind, field, message, ...(flags && { flags }) };
  }
  return null;
}

/** Longer than any text of the service's own. */
const maxLength = 1000;

/** What each layer of the service adds behind the cause. */
const chain = /(?:: (?:validation error|invalid request|invalid client request|not found))+$/;

const anyWords = /(?:)/;

const create = (field: string) => ({ createPaymentServiceUser: `input.${field}` });
const links = (field: string) => ({ createLink: `input.${field}`, updateLink: `input.${field}` });
/** Of the stored PSU, which no input changes. */
const stored = (field: string) => ({
  forwardPaymentServiceUser: `paymentServiceUser.${field}`,
  createLink: `paymentServiceUser.${field}`,
  updateLink: `paymentServiceUser.${field}`,
});
const connector = {
  forwardBankAccount: "input.connectorId",
  forwardPaymentServiceUser: "input.connectorId",
  createLink: "input.connectorId",
  updateLink: "input.connectionId",
};

const cannotChange = "A user cannot be changed";
const cannotLink = "Users cannot connect a bank at this connector: choose another one.";
const noConnector = "This connector does not exist.";
const noConnection = "This connection does not exist.";
const noUser = "This user does not exist.";
const notForwarded = "The user is not known at this connector: forward the user there first.";
const badName = "`input.name` must be a text of 1 to 1000 characters.";
const badMetadata = "`input.metadata` must have texts as values.";
const badRedirectUrl = "`input.clientRedirectUrl` must be an absolute URL.";

/**
 * By the service's error code; the first that fits. Source: its handlers, its engine and the connectors of Plaid, Powens
 * and Tink (Payments v3, 2026-07). The engine and each connector word the same thing differently.
 */
const rows: Readonly<Record<string, readonly Row[]>> = {
  VALIDATION: [
    { words: /\bName (is|must)\b/, fields: create("name"), message: badName },
    {
      words: /\bEmail is\b/,
      fields: create("contactDetails.email"),
      message: "`input.contactDetails.email` must be an e-mail address.",
    },
    {
      words: /\bPhoneNumber is\b/,
      fields: create("contactDetails.phoneNumber"),
      message: "`input.contactDetails.phoneNumber` must be a phone number such as +33123456789.",
    },
    {
      words: /\bLocale is\b/,
      fields: create("contactDetails.locale"),
      message: "`input.contactDetails.locale` must be a locale such as fr_FR.",
    },
    {
      words: /\bStreetNumber can\b/,
      fields: create("address.streetNumber"),
      message: "`input.address.streetNumber` must hold only letters and digits.",
    },
    {
      words: /'Country'/,
      fields: create("address.country"),
      message: "`input.address.country` must be an ISO 3166-1 country code such as FR.",
    },
    {
      words: /\buser already exists on this connector/,
      fields: { forwardPaymentServiceUser: "input.psuId" },
      kind: "conflict",
      flags: { alreadyForwarded: true },
      message: "The user is known at this connector already: nothing is left to do.",
    },
    {
      words: /\bmissing payment service user (address|country)|\bpayment service user address (country )?is required/,
      fields: stored("address.country"),
      message: `The provider requires a country, and this user has none. ${cannotChange}: create the user with a country.`,
    },
    {
      words: /\bunsupported payment service user country|\binvalid plaid country code/,
      fields: stored("address.country"),
      message: `The provider does not support this user's country. ${cannotChange}: choose a connector for that country, or create the user with another.`,
    },
    {
      words: /\bmissing payment service user (contact details|locale)/,
      fields: stored("contactDetails.locale"),
      message: `The provider requires a locale, and this user has none. ${cannotChange}: create the user with a locale.`,
    },
    {
      words: /\b(unsupported|invalid) (payment service user )?locale|\blocale base needs/,
      fields: stored("contactDetails.locale"),
      message: `The provider does not support this user's locale. ${cannotChange}: create the user with another locale.`,
    },
    {
      words: /\bmissing application name/,
      fields: links("applicationName"),
      message: "The provider requires an `input.applicationName`.",
    },
    {
      words: /\bClientRedirectURL\b|\bmissing redirect URI/,
      fields: links("clientRedirectUrl"),
      message: badRedirectUrl,
    },
    { words: /\bnot implemented\b/, fields: connector, message: cannotLink },
    {
      words: /\bconnector_id: value not found/,
      fields: { deletePaymentServiceUserConnector: "input.connectorId" },
      kind: "not-found",
      message: noConnector,
    },
  ],
  CONNECTOR_CAPABILITY_NOT_SUPPORTED: [{ words: anyWords, fields: connector, message: cannotLink }],
  MISSING_OR_INVALID_BODY: [
    { words: /\.name of type/, fields: create("name"), message: badName },
    { words: /\.metadata of type/, fields: create("metadata"), message: badMetadata },
    { words: /\.clientRedirectURL of type/, fields: links("clientRedirectUrl"), message: badRedirectUrl },
  ],
  NOT_FOUND: [
    { words: /\bconnector\b/, fields: connector, kind: "not-found", message: noConnector },
    {
      words: anyWords,
      fields: {
        forwardPaymentServiceUser: "input.psuId",
        deletePaymentServiceUser: "input.psuId",
        deletePaymentServiceUserConnector: "input.psuId",
      },
      kind: "not-found",
      message: noUser,
    },
    { words: anyWords, fields: { deleteConnection: "input.connectionId" }, kind: "not-found", message: noConnection },
    {
      words: /\bopen banking connection\b/,
      fields: { updateLink: "input.connectionId" },
      kind: "not-found",
      message: noConnection,
    },
    {
      // The service says the same of a PSU that does not exist.
      words: anyWords,
      fields: { createLink: "input", updateLink: "input.connectionId" },
      kind: "not-found",
      flags: { notForwarded: true },
      message: notForwarded,
    },
  ],
};

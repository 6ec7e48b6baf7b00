/** The service's text about a refused request, as the log may show it. */

/**
 * Only words that the service's own texts are made of, each of them harmless. Every other one may be a value that it
 * quotes, such as a name or an e-mail, and becomes "…".
 */
export function toLoggedText(text: string): string {
  return text
    .slice(0, maxTextLength)
    .replace(/[^\s:.,'"()[\]{}]+/g, (word) => (ownWords.has(word) ? word : "…"))
    .replace(/…(?:[\s:.,'"()[\]{}]*…)+/g, "…")
    .replace(/\s+/g, " ");
}

const maxTextLength = 500;

const ownWords: ReadonlySet<string> = new Set(
  (
    "$match A a account accountNumber AccountNumber accounts add Address address alphanumeric already application array as at attempt attempts auth " +
    "bank BankAccountIDs BankAccountsCreateRequest banking base be beginning body building by callBackState can cannot capability character " +
    "characters client ClientRedirectURL clientRedirectURL code column config connection connections connector " +
    "connector_id connectors contact contain Country country country_code create cursor details duplicate Email email " +
    "EOF Error error exists expected failed Field field for foreign formanceRedirectURL format forwarded found get " +
    "getting Go got id idempotency iban IBAN implemented in input Int interface into invalid is JSON json Key key least length link " +
    "list Locale locale looking maximum metadata missing more must Name name need needs not number numeric of on one " +
    "only open operator pageSize param parse parsing payment payments PaymentServiceUserCreateLinkRequest " +
    "PaymentServiceUsersCreateRequest phone PhoneNumber plaid provider psu psu_id query redirect reference request " +
    "required select service single street StreetNumber string struct supported swiftBicCode SwiftBicCode syntax tag task the then this time to " +
    "token type unexpected unknown unmarshal unsupported URI URL used user users UUID uuid valid validation value " +
    "violation when with"
  ).split(" "),
);

/** Where Plaid's logos of shops are, and no others: the page's policy names it, too. */
export const logoOrigin = "https://plaid-merchant-logos.plaid.com";

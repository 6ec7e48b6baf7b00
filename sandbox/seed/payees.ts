/** Whom the people of the sandbox pay, and who pays them: providers tell it each in their own way. */

export type Payee = {
  /** What the payment is for, as a statement shows it. */
  readonly purpose: string;
  /** The shop; null where money does not go to, or come from, one. */
  readonly merchant: string | null;
  /** Plaid's category. */
  readonly category: { readonly primary: string; readonly detailed: string };
  /** Powens' kind of transaction. */
  readonly kind: string;
};

const payee = (purpose: string, merchant: string | null, primary: string, detail: string, kind: string): Payee => ({
  purpose,
  merchant,
  category: { primary, detailed: `${primary}_${detail}` },
  kind,
});

export const income: readonly Payee[] = [
  payee("Salary", null, "INCOME", "WAGES", "transfer"),
  payee("Invoice 2071", null, "INCOME", "OTHER_INCOME", "transfer"),
  payee("Refund from a friend", null, "TRANSFER_IN", "OTHER_TRANSFER_IN", "transfer"),
  payee("Rent share", null, "TRANSFER_IN", "OTHER_TRANSFER_IN", "transfer"),
  payee("Expenses paid back", null, "INCOME", "OTHER_INCOME", "deposit"),
];

export const spending: readonly Payee[] = [
  payee("Groceries", "Greengrocer & Sons", "FOOD_AND_DRINK", "GROCERIES", "card"),
  payee("Coffee", "Corner Café", "FOOD_AND_DRINK", "COFFEE", "card"),
  payee("Train ticket", "Northern Rail", "TRANSPORTATION", "PUBLIC_TRANSIT", "card"),
  payee("Electricity", "Bright Power", "RENT_AND_UTILITIES", "GAS_AND_ELECTRICITY", "order"),
  payee("Phone", "Clearline Mobile", "RENT_AND_UTILITIES", "TELEPHONE", "order"),
  payee("Books", "Paper & Page", "GENERAL_MERCHANDISE", "BOOKSTORES_AND_NEWSSTANDS", "card"),
  payee("Restaurant", "The Copper Pot", "FOOD_AND_DRINK", "RESTAURANT", "card"),
  payee("Rent", null, "RENT_AND_UTILITIES", "RENT", "transfer"),
  payee("Pharmacy", "Oak Street Pharmacy", "MEDICAL", "PHARMACIES_AND_SUPPLEMENTS", "card"),
];

/** Between two accounts of the same person. */
export const ownTransfer: Payee = payee("Transfer to savings", null, "TRANSFER_OUT", "SAVINGS", "transfer");
export const ownTransferIn: Payee = payee("Transfer from my account", null, "TRANSFER_IN", "SAVINGS", "transfer");

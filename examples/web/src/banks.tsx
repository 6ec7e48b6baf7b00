import { useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "./button.tsx";
import { isDebt, toAge, toDay } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import { useLink } from "./link.ts";
import { type Bank, type BankAccount, type Psu, useBanks } from "./live.tsx";
import { Loading, Problem } from "./notices.tsx";
import { operation } from "./operation.ts";
import { Link, Title } from "./router.tsx";

const Disconnect = operation(
  graphql(`mutation Disconnect($id: ID!) { deleteConnection(input: { connectionId: $id }) { deletedId } }`),
);

export function BanksPage() {
  const { psu, error, refresh } = useBanks();
  const others = psu?.accounts.filter(({ connection }) => !connection) ?? [];
  return (
    <>
      <div className="head">
        <Title name="Your banks" />
        <Link className="button" href="/connect">
          Connect a bank
        </Link>
      </div>
      {error && <Problem error={error} retry={refresh} />}
      {psu === undefined && !error && <Loading what="your banks" />}
      {psu === null && <p className="card outcome">This user does not exist any more.</p>}
      {psu?.connections.length === 0 && (
        <p className="card outcome">No bank yet. Connect one, and its accounts, balances and payments appear here.</p>
      )}
      {psu?.connections.map((bank) => (
        <BankCard key={bank.id} bank={bank} accounts={accountsOf(psu, bank.id)} />
      ))}
      {others.length > 0 && (
        <section className="card" aria-labelledby="others">
          <h2 id="others">Other accounts</h2>
          <Accounts accounts={others} />
        </section>
      )}
    </>
  );
}

const accountsOf = ({ accounts }: Psu, bankId: string) =>
  accounts.filter(({ connection }) => connection?.id === bankId);

function BankCard({ bank, accounts }: { bank: Bank; accounts: readonly BankAccount[] }) {
  const { open, opening, error: linkError } = useLink();
  const { tell } = useBanks();
  const [{ error: deleteError }, disconnect] = useMutation(Disconnect);
  const [isLeaving, setLeaving] = useState(false);
  const { name } = bank.connector;
  const [tone, status] = isLeaving ? (["plain", "Disconnecting…"] as const) : toStatus(bank);

  async function leave(): Promise<void> {
    setLeaving(true);
    tell(`Disconnecting ${name}…`);
    // The card is about to go, and the focus would go with it. The dialog gives it back first.
    window.setTimeout(() => document.querySelector("h1")?.focus());
    const { error } = await disconnect({ id: bank.id });
    if (error) tell("");
    // It is gone when the stack shows it no more, which the stream of changes tells.
    window.setTimeout(() => setLeaving(false), error ? 0 : 20_000);
  }

  return (
    <section className="card" aria-labelledby={bank.id}>
      <div className="head">
        <h2 id={bank.id}>{name}</h2>
        <span className={`pill ${tone}`}>{status}</span>
      </div>
      <p className="soft">
        Connected {toDay(bank.createdAt)}
        {bank.dataUpdatedAt && ` · Updated ${toAge(bank.dataUpdatedAt)}`}
      </p>
      {bank.requiredAction === "RELINK" && (
        <div className={`notice ${tone}`}>
          <p>{toDemand(bank)}</p>
          <Button disabled={!!opening} onClick={() => open({ connectionId: bank.id })}>
            {opening ? "Opening your bank…" : `Sign in at ${name}`}
          </Button>
        </div>
      )}
      {linkError && <Problem error={linkError} />}
      {deleteError && <Problem error={deleteError} />}
      <Accounts accounts={accounts} />
      <Confirm name={name} accounts={accounts} disabled={isLeaving} onConfirm={leave} />
    </section>
  );
}

/** The gateway says what the user must do: no page need work it out from states and dates. */
function toStatus({ status, requiredAction }: Bank) {
  if (status === "ERROR") return ["bad", "Needs you"] as const;
  if (requiredAction === "RELINK") return ["warn", "Ends soon"] as const;
  return requiredAction === "WAIT" ? (["plain", "Fetching data"] as const) : (["good", "Connected"] as const);
}

function toDemand({ status, consentExpiresAt: end }: Bank): string {
  if (status === "ERROR") return "The bank gives no data at the moment. If that does not pass, sign in there again.";
  const verb = end && Date.parse(end) < Date.now() ? "ended" : "ends";
  return `Your consent ${verb} ${end ? `${toAge(end)}, on ${toDay(end)}` : "soon"}. Renew it, and nothing is interrupted.`;
}

const Accounts = ({ accounts }: { readonly accounts: readonly BankAccount[] }) => (
  <ul className="rows">
    {accounts.map((account) => (
      <li key={account.id}>
        <Link className="row" href={`/accounts/${account.id}`}>
          <strong>{account.name ?? "Account"}</strong>
          <span>
            {account.balances.map(({ amount }) => (
              <data key={amount.asset} value={amount.decimal}>
                {isDebt(account) ? `${amount.formatted} owed` : amount.formatted}
              </data>
            ))}
          </span>
        </Link>
      </li>
    ))}
  </ul>
);

type ConfirmProps = { accounts: readonly BankAccount[]; name: string; disabled: boolean; onConfirm: () => void };

/** The browser's own dialog keeps the focus inside, closes with Escape, and gives the focus back. */
function Confirm({ name, accounts, disabled, onConfirm }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const names = accounts.map((account) => account.name ?? "Account").join(", ");
  return (
    <>
      <Button className="quiet" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        Disconnect {name}
      </Button>
      <dialog ref={dialog} className="card" aria-label={`Disconnect ${name}?`}>
        <form method="dialog">
          <h2>Disconnect {name}?</h2>
          <p>This ends your consent{names ? ` and deletes ${names} from Purse` : ", and what was read stays here"}.</p>
          <p>Nothing changes at the bank, and you can connect it again.</p>
          <div className="head">
            <Button type="submit" className="plain">
              Keep it
            </Button>
            <Button type="submit" className="danger" onClick={onConfirm}>
              Disconnect
            </Button>
          </div>
        </form>
      </dialog>
    </>
  );
}

import { useRef, useState } from "react";
import { useMutation } from "urql";
import { Button } from "./button.tsx";
import { toCode } from "./client.ts";
import { toAge, toAmount, toBalance, toDay, toKind, toList, toName } from "./format.ts";
import { graphql } from "./graphql/gql.ts";
import { texts } from "./language.ts";
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
  const { connections, accounts } = psu ?? {};
  const others = accounts?.filter(({ connection }) => !connection) ?? [];
  const isBroken = !psu || connections === null || accounts === null || error?.networkError;
  return (
    <>
      <div className="head">
        <Title name={texts.banks} />
        <Link className="button" href="/connect">
          {texts.connect}
        </Link>
      </div>
      {error && isBroken && <Problem error={error} retry={refresh} />}
      {psu === undefined && !error && <Loading />}
      {psu === null && !error && <p className="card outcome">{texts.userGone}</p>}
      {psu && <Totals totals={psu.totals} />}
      {connections?.length === 0 && <p className="card outcome">{texts.noBank}</p>}
      {connections?.map((bank) => (
        <BankCard
          key={bank.id}
          bank={bank}
          accounts={accounts?.filter(({ connection }) => connection?.id === bank.id)}
        />
      ))}
      {others.length > 0 && (
        <section className="card" aria-labelledby="others">
          <h2 id="others">{texts.otherAccounts}</h2>
          <Accounts accounts={others} />
        </section>
      )}
    </>
  );
}

/** The gateway's sums: null when one balance is missing, since a sum without it would be wrong. */
function Totals({ totals }: Pick<Psu, "totals">) {
  const { refresh } = useBanks();
  if (totals?.length === 0) return null;
  return (
    <section className="card" aria-labelledby="totals">
      <h2 id="totals">{texts.totals}</h2>
      {totals?.map(({ asset, currency, net, assets, liabilities }) => (
        <div key={asset} className="head">
          <span className="soft">{currency}</span>
          <data className="sum" value={net.decimal}>
            {toAmount(net)}
          </data>
          {/[1-9]/.test(liabilities.decimal) && (
            <span className="soft full">{texts.parts(toAmount(assets), toAmount(liabilities))}</span>
          )}
        </div>
      ))}
      {!totals && <Missing text={texts.totalsGone} retry={refresh} />}
    </section>
  );
}

/** In the place of what failed, where all else stands. */
const Missing = ({ text, retry }: { text: string; retry: () => void }) => (
  <p className="missing" role="status">
    {text}{" "}
    <Button className="quiet" onClick={retry}>
      {texts.again}
    </Button>
  </p>
);

function BankCard({ bank, accounts }: { bank: Bank; accounts: readonly BankAccount[] | undefined }) {
  const { open, opening, error: linkError } = useLink();
  const { announce } = useBanks();
  const [{ error: deleteError }, disconnect] = useMutation(Disconnect);
  const [isLeaving, setLeaving] = useState(false);
  const name = toName(bank.connector);
  const [tone, status] = isLeaving ? (["plain", texts.disconnecting] as const) : toStatus(bank);

  async function leave(): Promise<void> {
    setLeaving(true);
    announce(texts.disconnecting);
    // The card is about to go, and the focus would go with it. The dialog gives it back first.
    window.setTimeout(() => document.querySelector("h1")?.focus());
    const { error } = await disconnect({ id: bank.id });
    if (error) announce("");
    // It is gone when the stack shows it no more, which the stream of changes shows.
    window.setTimeout(() => setLeaving(false), error ? 0 : 20_000);
  }

  return (
    <section className="card" aria-labelledby={bank.id}>
      <div className="head">
        <h2 id={bank.id}>{name}</h2>
        <span className={`pill ${tone}`}>{status}</span>
      </div>
      <p className="soft">
        {texts.connectedOn(toDay(bank.createdAt))}
        {bank.dataUpdatedAt && ` · ${texts.updated(toAge(bank.dataUpdatedAt))}`}
      </p>
      {bank.requiredAction === "RELINK" && (
        <div className={`notice ${tone}`}>
          <p>{toDemand(bank)}</p>
          <Button disabled={!!opening} onClick={() => open({ connectionId: bank.id })}>
            {opening ? texts.openingBank : texts.signInAt(name)}
          </Button>
        </div>
      )}
      {linkError && <Problem error={linkError} />}
      {deleteError && <Problem error={deleteError}>{toCode(deleteError) === "CONFLICT" && texts.oneByOne}</Problem>}
      <Accounts accounts={accounts ?? []} />
      <Confirm name={name} accounts={accounts} disabled={isLeaving} onConfirm={leave} />
    </section>
  );
}

/** The gateway says what the user must do: no page need work it out from states and dates. */
function toStatus({ status, requiredAction }: Bank) {
  if (status === "ERROR") return ["bad", texts.needsYou] as const;
  if (requiredAction === "RELINK") return ["warn", texts.endsSoon] as const;
  return requiredAction === "WAIT" ? (["plain", texts.fetching] as const) : (["good", texts.connected] as const);
}

function toDemand({ status, consentExpiresAt: end }: Bank): string {
  if (status === "ERROR") return texts.needsYouText;
  return end ? texts.ends(Date.parse(end) < Date.now(), toAge(end), toDay(end)) : texts.endsSoonText;
}

const Accounts = ({ accounts }: { readonly accounts: readonly BankAccount[] }) => {
  const { refresh } = useBanks();
  return (
    <ul className="rows">
      {accounts.map((account) => (
        <li key={account.id}>
          <Link className="row" href={`/accounts/${account.id}`}>
            <span className="grow">
              <strong>{account.name ?? texts.account}</strong>
              <span className="soft">{toDetails(account)}</span>
            </span>
            <span>
              {account.balances?.map(({ amount }) => (
                <data key={amount.asset} value={amount.decimal}>
                  {toBalance(account, amount)}
                </data>
              ))}
            </span>
          </Link>
          {account.balances === null && <Missing text={texts.balanceGone} retry={refresh} />}
        </li>
      ))}
    </ul>
  );
};

/** Tink's accounts name no connection, and have no digits: by the day those of two banks differ. */
const toDetails = (account: BankAccount): string =>
  [
    toKind(account),
    ...(account.connection ? [] : [account.connector && toName(account.connector), toDay(account.createdAt)]),
  ]
    .filter(Boolean)
    .join(" · ");

type ConfirmProps = {
  accounts: readonly BankAccount[] | undefined;
  name: string;
  disabled: boolean;
  onConfirm: () => void;
};

/** The browser's own dialog keeps the focus inside, closes with Escape, and gives the focus back. */
function Confirm({ name, accounts, disabled, onConfirm }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const names = accounts && toList(accounts.map((account) => account.name ?? texts.account));
  const lost =
    names === "" ? texts.disconnectKeeps : names ? texts.disconnectDeletes(names) : texts.disconnectDeletesAll;
  return (
    <>
      <Button className="quiet" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {texts.disconnect(name)}
      </Button>
      <dialog ref={dialog} className="card" aria-label={texts.disconnectAsk(name)}>
        <form method="dialog">
          <h2>{texts.disconnectAsk(name)}</h2>
          <p>{lost}</p>
          <p>{texts.disconnectAgain}</p>
          <div className="head">
            <Button type="submit" className="plain">
              {texts.keep}
            </Button>
            <Button type="submit" className="danger" onClick={onConfirm}>
              {texts.disconnectNow}
            </Button>
          </div>
        </form>
      </dialog>
    </>
  );
}

import { useEffect, useState } from "react";
import { Provider } from "urql";
import { AccountPage } from "./account.tsx";
import { BanksPage } from "./banks.tsx";
import { Button, LanguageSwitch } from "./button.tsx";
import { type Connection, connect } from "./client.ts";
import { ConnectPage } from "./connect.tsx";
import { texts } from "./language.ts";
import { LiveBanks, useBanks } from "./live.tsx";
import { network } from "./network.ts";
import { NotFound } from "./notices.tsx";
import { ReturnPage } from "./return.tsx";
import { Link, useAddress } from "./router.tsx";
import { type Session, signOut, useSession } from "./session.ts";
import { SignInPage } from "./sign-in.tsx";

export function App() {
  const { session, hasEnded } = useSession();
  return session === null ? <SignInPage hasEnded={hasEnded} /> : <SignedIn key={session.token} session={session} />;
}

function SignedIn({ session }: { session: Session }) {
  const [connection, setConnection] = useState<Connection | null>(null);
  useEffect(() => {
    const opened = connect(session);
    setConnection(opened);
    return opened.close;
  }, [session]);
  if (connection === null) return null;
  return (
    <Provider value={connection.client}>
      <LiveBanks line={connection.line}>
        <Shell />
      </LiveBanks>
    </Provider>
  );
}

function Shell() {
  const { psu, news } = useBanks();
  return (
    <>
      <header className="bar">
        <Link className="brand" href="/">
          <img src="/icon.svg" alt="" width="28" height="28" /> Purse
        </Link>
        <span className="soft">{psu?.name}</span>
        <Button className="quiet" onClick={signOut}>
          {texts.signOut}
        </Button>
      </header>
      <LineNotice />
      <main>
        <Page />
      </main>
      <footer className="soft">
        <p>{texts.development}</p>
        <LanguageSwitch />
      </footer>
      <div className="news" role="status">
        {news !== "" && <p>{news}</p>}
      </div>
    </>
  );
}

function Page() {
  const { pathname, searchParams } = useAddress();
  const [, accountId] = /^\/accounts\/([\w-]+)$/.exec(pathname) ?? [];
  if (pathname === "/") return <BanksPage />;
  if (pathname === "/connect") return <ConnectPage />;
  if (pathname === "/return") {
    return <ReturnPage attemptId={searchParams.get("attempt")} connectionId={searchParams.get("connection")} />;
  }
  if (accountId !== undefined) return <AccountPage key={accountId} id={accountId} />;
  return <NotFound />;
}

/** What keeps this page from being up to date, if anything. */
function LineNotice() {
  const { isLost } = useBanks();
  const isOnline = network.use();
  const text = isOnline ? isLost && texts.lost : texts.offline;
  return <div role="status">{text && <p className="line">{text}</p>}</div>;
}

import { useCallback, useEffect, useState } from "react";
import { Button, LanguageSwitch } from "./button.tsx";
import { toCountry } from "./format.ts";
import { texts } from "./language.ts";
import { useRecovery } from "./network.ts";
import { Alarm, Loading } from "./notices.tsx";
import { Title } from "./router.tsx";
import { listPeople, type Person, signIn } from "./session.ts";

/** Stands in the place of whatever page was asked for: once signed in, the user is there. */
export function SignInPage({ hasEnded }: { hasEnded: boolean }) {
  const [people, setPeople] = useState<readonly Person[] | null>(null);
  const [hasFailed, setFailed] = useState(false);

  const read = useCallback(async () => {
    const found = await listPeople().catch(() => null);
    setFailed(found === null);
    if (found !== null) setPeople(found);
  }, []);
  useEffect(() => void read(), [read]);
  useRecovery(read, hasFailed);

  return (
    <main>
      <img src="/icon.svg" alt="" width="56" height="56" />
      <Title name={hasEnded ? texts.signInAgain : texts.signIn} />
      {hasEnded ? <p className="notice">{texts.sessionEnded}</p> : <p className="soft">{texts.allBanks}</p>}
      {hasFailed && <Alarm retry={read}>{texts.signInGone}</Alarm>}
      {people === null && !hasFailed && <Loading />}
      {people?.length === 0 && <p>{texts.noUsers}</p>}
      <ul className="rows">
        {people?.map((person) => (
          <li key={person.psuId}>
            <Button className="row" onClick={() => signIn(person).catch(() => setFailed(true))}>
              <strong>{person.name}</strong>
              <span className="soft">{person.country && toCountry(person.country)}</span>
            </Button>
          </li>
        ))}
      </ul>
      <LanguageSwitch />
    </main>
  );
}

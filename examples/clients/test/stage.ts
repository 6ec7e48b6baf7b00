import { visitBank } from "../../../sandbox/bank-pages/browser-driver.ts";
import { startIssuer } from "../../../test/support/issuer.ts";
import { startGatewayCommand } from "../../../test/support/process.ts";
import { ask } from "../fetch-sse.ts";

export type Stage = AsyncDisposable & {
  /** Of the graph. */
  readonly url: string;
  /** A user with several pages of payments. */
  readonly userId: string;
  readonly connectorId: string;
  /** Tokens of that user and of an operator: new ones each time, as an app gets them. */
  getToken(): Promise<string>;
  /** The user's tokens, of which the first ends a second or two after it was asked for. */
  startTokens(): () => Promise<string>;
  getOperatorToken(): Promise<string>;
  /** An attempt of the user's to connect a bank, and the visit at the bank that completes it. */
  startAttempt(): Promise<{ readonly id: string; complete(): Promise<void> }>;
};

/** The gateway as `npm start` runs it, with tokens checked. */
export async function startStage(settings: Record<string, string> = {}): Promise<Stage> {
  await using starting = new AsyncDisposableStack();
  const issuer = starting.use(await startIssuer());
  const { keys, issuer: name, audience } = issuer.config.kind === "jwt" ? issuer.config : never();
  const gateway = starting.use(
    await startGatewayCommand({
      AUTH_JWKS_URL: keys.kind === "url" ? keys.url.href : never(),
      AUTH_ISSUER: name,
      AUTH_AUDIENCE: audience,
      ...settings,
    }),
  );
  const url = `${gateway.url}/graphql`;
  const getOperatorToken = () => issuer.sign({ scope: "payments:read payments:write" });
  const { data } = await ask<People>({ url, getToken: getOperatorToken }, people);
  const user = data?.paymentServiceUsers.nodes.find(({ payments }) => payments.pageInfo.hasNextPage) ?? never();
  const connectorId = user.connections[0]?.connector.id ?? never();
  const getToken = () => issuer.sign({ sub: "user", psu_id: user.psuId });
  const started = starting.move();
  return {
    url,
    userId: user.id,
    connectorId,
    getToken,
    getOperatorToken,
    startTokens() {
      let given = 0;
      // The gateway grants five seconds to clocks that differ.
      const ending = () => issuer.sign({ sub: "user", psu_id: user.psuId, exp: Math.floor(Date.now() / 1000) - 3 });
      return () => (given++ === 0 ? ending() : getToken());
    },
    async startAttempt() {
      const variables = { psuId: user.id, connectorId };
      const answer = await ask<Links>({ url, getToken }, createLink, variables);
      const { link, attempt } = answer.data?.createLink ?? never(JSON.stringify(answer.errors));
      return {
        id: attempt.id,
        complete: async () => {
          await visitBank(link, { decision: "consent" });
        },
      };
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function never(why = "The stage lacks something."): never {
  throw new Error(why);
}

type People = {
  paymentServiceUsers: {
    nodes: {
      id: string;
      psuId: string;
      connections: { connector: { id: string } }[];
      payments: { pageInfo: { hasNextPage: boolean } };
    }[];
  };
};
const people = `{
  paymentServiceUsers(first: 20) { nodes { id psuId connections { connector { id } } payments(first: 30) { pageInfo { hasNextPage } } } }
}`;

type Links = { createLink: { link: string; attempt: { id: string } } };
const createLink = `mutation ($psuId: ID!, $connectorId: ID!) {
  createLink(
    input: { psuId: $psuId, connectorId: $connectorId, applicationName: "Countess", clientRedirectUrl: "https://app.example.com/return" }
  ) { link attempt { id } }
}`;

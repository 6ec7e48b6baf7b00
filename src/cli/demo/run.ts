/** Runs the demo on a gateway of its own, and sees to it that nothing is left behind. */
import { pino } from "pino";
import { visitBank } from "../../../sandbox/bank-pages/browser-driver.ts";
import { start } from "../../app.ts";
import { readConfig } from "../../config/config.ts";
import { isCheckout, toCommandLine, toDocument } from "../../config/own-package.ts";
import { isRedirectUrl, redirectUrlRule } from "../../schema/input.ts";
import { createDevelopmentIssuer, operator } from "../development-issuer.ts";
import { ExplainedError, InterruptedError } from "../explained-error.ts";
import { describeUpstream, requireStack, toLocal } from "../local-gateway.ts";
import { toNextSteps } from "../next-steps.ts";
import { onStopSignal } from "../stop-signals.ts";
import { createDemoClient, say } from "./client.ts";
import { chooseConnector, type Residence } from "./connector.ts";
import { connectBank, type Journey, renewAndDisconnect } from "./journey.ts";
import { cleanUp, deleteUser, deletionByHand } from "./user.ts";

export type DemoOptions = {
  readonly connector: string | null;
  readonly residence: Partial<Residence>;
  readonly redirectUrl: string;
  readonly waitMs: number;
  readonly keep: boolean;
};

const interruption = new AbortController();
let psuId: string | null = null;
// Until something may be there to delete, it ends at once.
let stop = (): void => process.exit(130);
const abort = () => {
  say("\nStopping. Once more ends it at once, with the user left on the stack.");
  stop = () => process.exit(130);
  interruption.abort(new InterruptedError());
};
onStopSignal(() => stop());

/** @param report is called with a failure before what was begun is cleaned up. */
export async function runDemo(options: DemoOptions, report: (error: unknown) => void): Promise<void> {
  const { connector: wanted, residence, redirectUrl, waitMs, keep } = options;
  if (!isRedirectUrl(redirectUrl)) throw new ExplainedError(`--redirect-url ${redirectUrlRule}.`);
  const config = readConfig(process.env);
  const { upstream } = config;
  say(describeUpstream(upstream));
  if (upstream.kind === "stack") await requireStack(upstream);
  const issuer = await createDevelopmentIssuer();
  await using server = await start(toLocal(config, issuer.auth), pino({ level: "silent" }));
  const token = await issuer.sign(operator, Math.ceil(waitMs / 1000) + 3600);
  await using client = createDemoClient({ url: server.url, token, signal: interruption.signal });
  const onSandbox = async (link: string) => (await visitBank(link, { decision: "consent" })).redirectedTo;
  const isStack = upstream.kind === "stack";
  const journey: Journey = {
    client,
    connector: await chooseConnector(client, wanted),
    residence,
    redirectUrl,
    visit: isStack ? null : onSandbox,
    consentWithinMs: isStack ? waitMs : 10_000,
    withinMs: isStack ? 120_000 : 10_000,
    onCreated(created) {
      psuId = created;
    },
  };
  if (isStack) stop = abort;
  let isDone = false;
  try {
    const connected = await connectBank(journey);
    if (!isStack) await renewAndDisconnect(journey, onSandbox, connected);
    if (!keep) await deleteUser(client, connected.psuId, journey.withinMs);
    isDone = true;
    say(`\nAll ${client.steps} steps went as expected.`);
    if (keep && isStack) say(`The user ${connected.psuId} stays on the stack. ${deletionByHand(connected.psuId)}`);
    say(toNext(isStack));
  } catch (error) {
    report(error);
  } finally {
    if (!isDone && isStack && psuId !== null) await cleanUp(client, psuId);
  }
}

function toNext(isStack: boolean): string {
  const steps: [string, string][] = [
    ["Queries of your own, in a browser:", toCommandLine("start")],
    ["What an app must handle:", toDocument("connect-a-bank.md")],
  ];
  if (isCheckout) steps.unshift(["The same as a front end:", "npm run example"]);
  if (!isStack) steps.push(["Your own stack:", toDocument("your-stack.md")]);
  return toNextSteps(steps).trimEnd();
}

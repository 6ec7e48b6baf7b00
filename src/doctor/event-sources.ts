/** Checks Redis and NATS by opening them as the gateway does. */
import type { Config } from "../config/config.ts";
import { mendConnection } from "./advice.ts";
import { type Findings, failed, ok, warning } from "./finding.ts";

export async function* checkEventSources(config: Pick<Config, "live" | "cursorSecrets">): Findings {
  const { bus, nats } = config.live;
  if (bus.kind === "redis") {
    const { openRedisConnection, prefix } = await import("../lib/redis-connection.ts");
    try {
      const signal = AbortSignal.timeout(5000);
      const subscription = { channel: `${prefix}:doctor`, receive: () => {} };
      await using line = await openRedisConnection({ url: bus.url, signal, subscription });
      await line.run(({ publish }) => publish(subscription.channel, "{}"));
      yield ok("redis", "it takes and carries messages");
    } catch (error) {
      yield failed("redis", `REDIS_URL cannot be used (${codeOf(error)})`, mendServer(codeOf(error), "REDIS_URL"));
    }
    yield config.cursorSecrets === null
      ? warning(
          "cursors",
          "CURSOR_SECRETS is not set: replicas do not know each other's cursors",
          "Set it to the same text of 32 characters or more on all of them.",
        )
      : ok("cursors", "CURSOR_SECRETS is set; whether all replicas have the same is not known here");
  }
  if (nats !== null) yield* checkNats(nats);
}

/** Each server by itself: the gateway goes from one to the next, so that one which is down may not be noticed. */
async function* checkNats({ url, subject }: NonNullable<Config["live"]["nats"]>): Findings {
  const servers = url.split(",");
  const problems = await Promise.all(servers.map((server) => findNatsProblem(server, subject)));
  if (problems.includes(null)) {
    yield ok("nats", `it lets ${subject} be read; whether the stack writes there is not known here`);
  }
  for (const [index, problem] of problems.entries()) {
    if (problem === null) continue;
    const which = servers.length === 1 ? "NATS_URL" : `server ${index + 1} of NATS_URL`;
    const find = problems.includes(null) ? warning : failed;
    yield find("nats", `${which} cannot be used (${problem})`, mendServer(problem, "NATS_URL"));
  }
}

/** @returns `null` where the server lets the subject be read. */
async function findNatsProblem(url: string, subject: string): Promise<string | null> {
  const { startNatsConsumer } = await import("../live/nats-consumer.ts");
  let problem = "unknown";
  const onProblem = (kind: string) => {
    problem = kind;
  };
  await using reader = await startNatsConsumer({ url, subject, onInvalidation: () => {}, onProblem });
  return reader.state() === "connected" ? null : problem;
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "unknown");

function mendServer(code: string, setting: string): string {
  if (/auth|pass|perm/i.test(code)) return "Look at user, password and what that user may do.";
  // Words of Redis for what it cannot do now.
  if (/^(LOADING|BUSY|READONLY|MISCONF|OOM|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|MOVED)$/.test(code))
    return "Look at the server's log: it can be reached, but takes no commands now.";
  if (/Closed|ECONNRESET/.test(code))
    return `Look at ${setting} (TLS has its own scheme: rediss, tls) and at the server's log: it broke off.`;
  return mendConnection(code, setting);
}

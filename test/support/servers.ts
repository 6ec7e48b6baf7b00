import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./helpers.ts";
import { findProgram } from "./programs.ts";
import { recordSecret } from "./record.ts";

export { isInstalled } from "./programs.ts";

/** A real server on a port of its own, with a temporary folder, that keeps nothing when it ends. */
export type RealServer = AsyncDisposable & {
  readonly port: number;
  /** Its folder. */
  readonly folder: string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** A new one on the same port, which knows nothing of what the old one knew. */
  restart(): Promise<void>;
  /** Resolves when it takes connections, but does nothing any more. */
  hang(): Promise<void>;
  wake(): void;
};

type Kind = "redis-server" | "nats-server";

export type RedisOptions = { readonly password?: string; readonly args?: readonly string[] };

export function startRedis(options: RedisOptions = {}): Promise<RealServer> {
  recordSecret(options.password);
  const password = options.password === undefined ? [] : ["--requirepass", options.password];
  return startRealServer("redis-server", (port, folder) => [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"],
    ...password,
    ...(options.args ?? []),
  ]);
}

export function startNats(options: { readonly jetStream: boolean; readonly password?: string }): Promise<RealServer> {
  const jetStream = (folder: string) => (options.jetStream ? ["--jetstream", "--store_dir", folder] : []);
  const password = options.password === undefined ? [] : ["--user", "reader", "--pass", options.password];
  recordSecret(options.password);
  return startRealServer("nats-server", (port, folder) => [
    ...["--addr", "127.0.0.1", "--port", String(port)],
    ...jetStream(folder),
    ...password,
  ]);
}

async function startRealServer(
  name: Kind,
  toArguments: (port: number, folder: string) => readonly string[],
): Promise<RealServer> {
  const command = findProgram(name);
  if (command === null) throw new Error(`${name} is not installed.`);
  const port = await freePort();
  let end = async () => {};
  let pid = 0;
  let folder = "";

  async function launch(path: string): Promise<void> {
    folder = await mkdtemp(join(tmpdir(), `${name}-`));
    const server = spawn(path, toArguments(port, folder), { stdio: "ignore" });
    const ended = once(server, "exit");
    pid = server.pid ?? 0;
    end = async () => {
      server.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    };
    try {
      await Promise.race([
        until(() => isListening(port)),
        ended.then(() => Promise.reject(new Error(`${name} ended.`))),
      ]);
    } catch (error) {
      await end();
      throw error;
    }
  }

  await launch(command);
  return {
    port,
    get folder() {
      return folder;
    },
    kill: () => end(),
    async restart() {
      await end();
      await launch(command);
    },
    async hang() {
      process.kill(pid, "SIGSTOP");
      await until(() => isStopped(pid));
    },
    wake: () => void process.kill(pid, "SIGCONT"),
    [Symbol.asyncDispose]: () => end(),
  };
}

/** A free port of this machine. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The signal takes a moment to reach all threads. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, "utf8")));
  return states.every((state) => / T /.test(state));
}

/** Resolves when its own socket is closed, so that it is not counted. */
async function isListening(port: number): Promise<boolean> {
  let answer = false;
  const socket = connect(port, "127.0.0.1", () => {
    answer = true;
    socket.destroy();
  });
  await new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
  return answer;
}

/** A way to a server that can be cut without harm to the server. */
export type Proxy = AsyncDisposable & {
  readonly port: number;
  /** Drops every connection, and each that is tried from now on. */
  cut(): void;
  restore(): void;
  /** How many connections it has dropped as they were tried. */
  readonly refused: number;
};

export async function startProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let refused = 0;
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (isCut) {
      refused += 1;
      near.destroy();
      return;
    }
    const far = connect(target, "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {}).pipe(other);
      socket.once("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    restore: () => {
      isCut = false;
    },
    get refused() {
      return refused;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}

/** The sockets and timers of this process, to compare before and after. */
export function countResources(): { readonly sockets: number; readonly timers: number } {
  const names = process.getActiveResourcesInfo();
  return {
    sockets: names.filter((name) => /^(TCPSocket|TCPServer|TLS)Wrap$/.test(name)).length,
    timers: names.filter((name) => name === "Timeout").length,
  };
}

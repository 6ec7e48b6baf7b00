/** Self-signed certificates for servers in tests. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Certificate } from "./fault-proxy.ts";

/** A self-signed certificate for 127.0.0.1 and these hosts, which is also in the file at `path` until disposed. */
export async function makeCertificate(
  hosts: readonly string[] = [],
): Promise<Certificate & AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "certificate-"));
  const [key, path] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = ["IP:127.0.0.1", ...hosts.map((host) => `DNS:${host}`)].join(",");
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", `subjectAltName=${names}`];
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", key];
  await promisify(execFile)("openssl", ["req", "-x509", ...made, "-out", path, ...subject]);
  return {
    key: await readFile(key, "utf8"),
    cert: await readFile(path, "utf8"),
    path,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** A key and a self-signed certificate for 127.0.0.1, in one PEM text. */
export function createCertificate(): string {
  const words =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=stack -keyout - -out -";
  return execFileSync("openssl", [...words.split(" "), "-addext", "subjectAltName=IP:127.0.0.1"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

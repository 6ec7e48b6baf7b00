/** A stand-in for the CRM: it invents a customer for each user that it is asked for. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { CustomerRow } from "./crm.ts";

export type CrmService = AsyncDisposable & {
  readonly url: string;
  /** The requests so far. */
  readonly requests: readonly { readonly url: string; readonly traceparent: string | undefined }[];
  /** From now on it answers like this; `null`: as usual. */
  fail(failure: { readonly status: number; readonly text: string } | "never" | null): void;
};

export async function startCrmService(key: string): Promise<CrmService> {
  const rows = new Map<string, CustomerRow>();
  const requests: { url: string; traceparent: string | undefined }[] = [];
  let failure: Parameters<CrmService["fail"]>[0] = null;

  function rowOf(psuId: string): CustomerRow {
    const row = rows.get(psuId) ?? { psuId, segment: /^[0-7]/.test(psuId) ? "private" : "premium", adviser: "Kim" };
    rows.set(psuId, row);
    return row;
  }

  const listener: RequestListener = ({ url = "", headers }, response) => {
    requests.push({ url, traceparent: headers["traceparent"]?.toString() });
    if (failure === "never") return;
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const ids = searchParams.get("ids")?.split(",");
    const segment = searchParams.get("segment");
    if (failure !== null) response.writeHead(failure.status).end(failure.text);
    else if (headers.authorization !== `Bearer ${key}`) response.writeHead(401).end();
    else if (pathname !== "/customers") response.writeHead(404).end();
    else {
      const found = ids?.map(rowOf) ?? [...rows.values()].filter((row) => row.segment === segment);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(found));
    }
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail(next) {
      failure = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What to do about a request that failed. It follows from how it failed, and only then from what was asked for. */
import type { HttpResponse } from "./http-client.ts";

export type Question = {
  /** Who was to answer, such as "the payments service". */
  readonly who: string;
  /** Where the address of it is from: a setting, or what the stack says. */
  readonly address: string;
  /** What to do where the right is missing: 401 or 403. */
  readonly refused: string;
  /** What to do where nobody is at that path, or somebody else is. */
  readonly absent: string;
};

/** What to do about a response that is not the wanted one. */
export function mendResponse(response: HttpResponse, { who, address, refused, absent }: Question): string {
  const { status, code, location } = response;
  if (status === 0) return mendConnection(code ?? "unknown", address);
  if (status === 407) return mendConnection(`PROXY_${status}`, address);
  if (status === 408 || status === 429) return `Wait a minute, and run this again: ${who} asks to slow down.`;
  if (status >= 502 && status <= 504) {
    return `Look whether ${who} is up, and whether the proxy before it reaches it: the proxy answers in its place.`;
  }
  if (status >= 500) return `Look at the logs of ${who}: it has failed.`;
  if (location !== null && status >= 300 && status <= 399) {
    return `Look at ${address}: its answer leads elsewhere, and redirects are not followed.`;
  }
  if (status === 404 || status === 405) return absent;
  if (isWebPage(response)) {
    const page = `a proxy or a sign-in before ${who} answers with a web page of its own`;
    return status < 300 ? `${absent} Or ${page}.` : `Look at what refuses: ${page}.`;
  }
  if (status === 401 || status === 403) return refused;
  return status < 300 ? absent : `Look at the logs of ${who}: it refuses what it should take.`;
}

/** What to do where there was no response, by the error's code; `address` names where the address is from. */
export function mendConnection(code: string, address: string): string {
  if (code.startsWith("PROXY_")) return mendProxy(code.slice("PROXY_".length), address);
  const inCertificate = certificates.find(([pattern]) => pattern.test(code));
  if (inCertificate !== undefined) return inCertificate[1];
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code)) {
    return `Look at the spelling of ${address}, and at this machine's DNS: the host's name is not known here.`;
  }
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/.test(code)) {
    return `Look at host and port in ${address}, at the firewall, and whether it is up.`;
  }
  if (/TIMED?_?OUT/i.test(code)) return "Look whether it is overloaded, and at the firewall between: it is silent.";
  if (/^(EPROTO|ERR_SSL|HPE_)/.test(code)) {
    return `Look at the scheme and the port in ${address}: one side speaks TLS, or another protocol, and the other does not.`;
  }
  return `Look at ${address}, and at the log of what answers there: the connection was broken off.`;
}

/** What to do where the proxy on the way is the reason, by its status or by why it has none. */
function mendProxy(reason: string, address: string): string {
  if (reason === "407") return `Look at user and password in ${proxies}: the proxy wants others.`;
  if (/^50[234]$/.test(reason)) {
    return `Look at the spelling of ${address}, and at the proxy's log: the proxy is up, and does not reach it.`;
  }
  if (/^\d+$/.test(reason))
    return `Have the proxy of ${proxies} let the host in ${address} through, or name it in NO_PROXY.`;
  return mendConnection(reason, proxies);
}

const proxies = "HTTPS_PROXY or HTTP_PROXY";

/** Codes of Node and OpenSSL. */
const certificates: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, "The certificate has expired: renew it."],
  [/^CERT_NOT_YET_VALID$/, "The certificate is not valid yet: look at the clocks, here and there."],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "The certificate is for another name: use a name that it is for, or have it made for this one.",
  ],
  [
    /CERT|ISSUER|LEAF_SIGNATURE/,
    "The certificate cannot be trusted. If it is by an authority of your own, set NODE_EXTRA_CA_CERTS to its file.",
  ],
];

/** Whether the body is a page for people, which no API of a stack sends. */
export function isWebPage({ text }: HttpResponse): boolean {
  return /^\s*<(!doctype\s+html|html|head|body|h1|script)\b/i.test(text);
}

/** The small pages for people who open an address in a browser that is meant for programs. */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setSecurityHeaders } from "./security-headers.ts";

export type BrowserPage = { readonly status: number; readonly html: string };

const style = `:root { color-scheme: light dark; font: 16px/1.5 sans-serif; }
body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid; }`;

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** To a visit of `/graphql` while GraphiQL is off. 400: a visit names no operation. */
export const graphiqlIsOff = createPage(
  400,
  "GraphQL for open banking",
  `<p>This is the address of a GraphQL API. GraphiQL, its page for browsers, is off; <code>GRAPHIQL=on</code> in the
settings of the gateway turns it on.</p>
<p>Programs send their operations here, by POST and as JSON:</p>
<pre>curl https://…/graphql \\
  -H 'content-type: application/json' \\
  -H 'authorization: Bearer …' \\
  -d '{ "query": "{ viewer { scopes } }" }'</pre>`,
);

export const notFound = createPage(
  404,
  "Not found",
  '<p>There is nothing at this address. The GraphQL API is at <a href="/graphql">/graphql</a>.</p>',
);

function createPage(status: number, title: string, text: string): BrowserPage {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
${text}
</body>
</html>
`;
  return { status, html };
}

export function answerPage(response: ServerResponse, { status, html }: BrowserPage): void {
  setSecurityHeaders(response);
  response.writeHead(status, {
    "content-security-policy": policy,
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(html),
    "cache-control": "no-store",
  });
  response.end(html);
}

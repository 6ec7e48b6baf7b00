/** GraphiQL, from the installed package: it works without a network, and nothing but its own script runs in it. */
import { createHash } from "node:crypto";
import type { Plugin } from "graphql-yoga";
import { examples } from "./examples.ts";
import { type PageOptions, startPage } from "./page.ts";
import { style } from "./style.ts";

/** `isSandbox`: whether the people are invented. */
export function createGraphiql({ isSandbox }: { readonly isSandbox: boolean }) {
  let policy = "";
  const visits = new WeakSet<Request>();
  return {
    /** The page is rendered for this request, and no plugin has answered it. */
    visit: (request: Request) => void visits.add(request),
    async render(): Promise<string> {
      // 9 MB that only a first visit loads.
      const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
      const title = "Open banking";
      const page = toPage(renderGraphiQL({ title }), { title, examples, isSandbox });
      policy ||= toPolicy(page);
      return page;
    },
    plugin: {
      onResponse({ request, response }) {
        if (visits.has(request)) response.headers.set("content-security-policy", policy);
      },
    } satisfies Plugin,
  };
}

const opening = "<script>";

/** The package's page with our own head, a line for notices, and `startPage` in place of its last statement. */
function toPage(given: string, options: PageOptions): string {
  const script = given.indexOf(opening);
  const call = given.lastIndexOf("YogaGraphiQL.renderYogaGraphiQL(");
  const head = given
    .slice(0, script)
    .replace("</head>", `<meta name="viewport" content="width=device-width" /><style>${style}</style></head>`)
    .replace('<div id="root"></div>', '<div id="root"></div><p id="notice" role="status" hidden></p>');
  const start = `(${startPage})(${JSON.stringify(options).replaceAll("<", "\\u003c")});`;
  return `${head}${given.slice(script, call)}${start}</script></body></html>`;
}

/** The page is always the same, so its one script can be named by its hash. */
function toPolicy(page: string): string {
  const script = page.slice(page.indexOf(opening) + opening.length, page.lastIndexOf("</script>"));
  const hash = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'", // the editor writes its own
    "img-src 'self' data:",
    "font-src data:",
    "worker-src blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

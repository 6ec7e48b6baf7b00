/** What runs in the browser: GraphiQL with tabs that stay, ids that exist, and sentences where something is wrong. */
import type { Example } from "./examples.ts";

export type PageOptions = {
  readonly title: string;
  readonly examples: readonly Example[];
  /** Whether the people are invented, so that examples may change them. */
  readonly isSandbox: boolean;
};

/** As GraphiQL stores it. */
type Tab = {
  readonly id: string;
  readonly title: string;
  readonly query: string | null;
  readonly operationName: string | null;
  readonly response: null;
  variables: string | null;
  headers: string | null;
};
type TabState = { readonly tabs: Tab[]; activeTabIndex: number };

type Ids = { readonly psuId: string; readonly connectorId: string; readonly attemptId: string };
type Headers = Readonly<Record<string, string>>;
type Result = {
  readonly data?: Data | null;
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[];
};
type Node = { readonly id: string };
type User = Node & {
  readonly connections: readonly { readonly connector: Node | null }[] | null;
};
type Data = {
  readonly __schema?: unknown;
  readonly createPaymentServiceUser?: { readonly paymentServiceUser: Node | null } | null;
  readonly createLink?: { readonly link: string; readonly attempt: Node | null } | null;
  readonly nodes?: readonly (Node | null)[] | null;
  readonly viewer?: { readonly paymentServiceUser: User | null } | null;
  readonly paymentServiceUsers?: { readonly nodes: readonly User[] } | null;
  readonly paymentServiceUser?: { readonly linkAttempts: { readonly nodes: readonly Node[] } | null } | null;
  readonly connectors?: { readonly nodes: readonly Node[] } | null;
};

/** Of the browser, what is used here. */
type Element = {
  hidden: boolean;
  href: string;
  textContent: string | null;
  append(...parts: (Element | string)[]): void;
  replaceChildren(...parts: (Element | string)[]): void;
  click(): void;
};
type Store = {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};
declare const document: {
  createElement(name: "a"): Element;
  querySelector(selector: string): Element;
  querySelectorAll(selector: string): Iterable<Element>;
};
declare const location: {
  readonly href: string;
  readonly origin: string;
  readonly pathname: string;
  reload(): void;
};
declare const history: { replaceState(state: null, unused: "", url: string): void };
declare const localStorage: Store;
declare const sessionStorage: Store;
declare const MutationObserver: new (run: () => void) => { observe(target: Element, options: object): void };
declare const YogaGraphiQL: { renderYogaGraphiQL(root: Element, options: object): void };
declare const __MONACO: {
  readonly editor: { getModels(): { readonly uri: { readonly path: string }; setValue(text: string): void }[] };
};

/** Its source is put into the page: nothing outside of it exists there. */
export async function startPage({ title, examples, isSandbox }: PageOptions): Promise<void> {
  const emptyHeaders = '{\n  "Authorization": "Bearer "\n}';
  const notice = document.querySelector("#notice");
  let known: Ids = { psuId: "", connectorId: "", attemptId: "" };
  let isUnauthenticated = false;
  /** Why there is no schema. */
  let schemaProblem = "";
  let isShown = false;

  // A browser tab keeps its own state. Another starts with the newest, but without headers: tokens are not left behind.
  const prefix = "open-banking:";
  const tabsKey = "graphiql:tabState";
  const stores = [sessionStorage, localStorage];
  const storage = {
    get length() {
      return sessionStorage.length;
    },
    getItem: (key: string) => sessionStorage.getItem(prefix + key) ?? localStorage.getItem(prefix + key),
    setItem(key: string, value: string) {
      if (key === tabsKey) return; // half a second late: `saveTabs` does it at once
      sessionStorage.setItem(prefix + key, value);
      if (key !== "graphiql:headers") localStorage.setItem(prefix + key, value);
    },
    removeItem(key: string) {
      for (const store of stores) store.removeItem(prefix + key);
    },
    clear() {
      for (const store of stores) {
        const keys = Array.from({ length: store.length }, (_, at) => store.key(at) ?? "");
        for (const key of keys) if (key.startsWith(prefix)) store.removeItem(key);
      }
      location.reload(); // to the examples
    },
  };

  const toTab = (query: string, name: string | null, variables: object): Tab => ({
    id: Math.random().toString(36).slice(2), // `randomUUID` is not there without TLS
    title: name ?? "<untitled>",
    query,
    operationName: name,
    response: null,
    variables: Object.keys(variables).length === 0 ? null : JSON.stringify(variables, null, 2),
    headers: null,
  });
  const redirectUrl = `${location.origin}${location.pathname}?attempt={id}`;
  const toExampleTab = ({ document, name, variables }: Example) =>
    toTab(document, name, Object.fromEntries(variables.map((one) => [one, one === "redirectUrl" ? redirectUrl : ""])));

  function readTabs(): TabState {
    try {
      const stored = JSON.parse(storage.getItem(tabsKey) ?? "") as TabState;
      if (stored.tabs[stored.activeTabIndex] !== undefined) return stored;
    } catch {}
    return { tabs: examples.map(toExampleTab), activeTabIndex: 0 };
  }

  let state = readTabs();
  const activeTab = () => state.tabs[state.activeTabIndex];

  function saveTabs(): void {
    const without = (...names: string[]) =>
      JSON.stringify(state, (name, value: unknown) => (names.includes(name) ? null : value));
    sessionStorage.setItem(prefix + tabsKey, without("response", "hash"));
    localStorage.setItem(prefix + tabsKey, without("response", "hash", "headers"));
  }

  /** Fills in ids where there is none, or a former one: in all tabs but the one that is being edited. */
  function learn(found: Partial<Ids>, isOwnUser: boolean): void {
    for (const tab of state.tabs) {
      if (isShown && tab === activeTab()) continue;
      for (const [name, id] of Object.entries(found)) {
        // A real person is not changed by an example, unless it has created them, or they are the caller.
        const isClosed = name === "psuId" && !isSandbox && !isOwnUser && /^\s*mutation\b/m.test(tab.query ?? "");
        const toText = (value: string) => `"${name}": ${JSON.stringify(value)}`;
        for (const former of ["", known[name as keyof Ids]]) {
          tab.variables = tab.variables?.replace(toText(former), () => toText(isClosed ? "" : id)) ?? null;
        }
      }
    }
    known = { ...known, ...found };
    storage.setItem("ids", JSON.stringify(known));
    saveTabs();
  }

  async function query(text: string, variables: object, headers: Headers): Promise<Data> {
    const operation = { operationName: "ExampleIds", query: text, variables };
    const result = await request(operation, headers, AbortSignal.timeout(3000));
    return (result as Result).data ?? {};
  }

  /** Fills in what is there in place of ids that are not known, or exist no more. */
  async function lookUp(headers: Headers): Promise<void> {
    const { nodes, viewer, paymentServiceUsers, connectors } = await query(
      `query ExampleIds($ids: [ID!]!) {
        nodes(ids: $ids) { id }
        viewer { paymentServiceUser { ...user } }
        paymentServiceUsers(first: 5) { nodes { ...user } }
        connectors(filter: { canLink: true }) { nodes { id } }
      }
      fragment user on PaymentServiceUser { id connections { connector { id } } }`,
      { ids: Object.values(known).filter((id) => id !== "") },
      headers,
    );
    if (viewer == null) return;
    const users = viewer.paymentServiceUser ? [viewer.paymentServiceUser] : (paymentServiceUsers?.nodes ?? []);
    const user = users.find(({ connections }) => connections?.length) ?? users[0];
    const isOffered = ({ id }: Node) => user?.connections?.some(({ connector }) => connector?.id === id) !== true;
    const isGone = (id: string) => nodes?.some((node) => node?.id === id) !== true;
    const found: Partial<Record<keyof Ids, string>> = {};
    if (isGone(known.psuId)) found.psuId = user?.id ?? "";
    if (isGone(known.connectorId)) {
      found.connectorId = (connectors?.nodes.find(isOffered) ?? connectors?.nodes[0])?.id ?? "";
    }
    if (isGone(known.attemptId) && user !== undefined) {
      const { paymentServiceUser } = await query(
        "query ExampleIds($id: ID!) { paymentServiceUser(id: $id) { linkAttempts(first: 1) { nodes { id } } } }",
        { id: user.id },
        headers,
      );
      found.attemptId = paymentServiceUser?.linkAttempts?.nodes[0]?.id ?? "";
    }
    learn(found, viewer.paymentServiceUser !== null);
  }

  const toError = (message: string): Result => ({ errors: [{ message }] });

  async function request(
    body: { readonly query: string; readonly operationName?: string | undefined; readonly variables?: unknown },
    headers: Headers,
    signal: AbortSignal,
  ): Promise<Result | AsyncGenerator<Result>> {
    try {
      const response = await fetch(location.pathname, {
        method: "POST",
        headers: {
          accept: "application/graphql-response+json, text/event-stream",
          "content-type": "application/json",
          ...headers,
        },
        body: JSON.stringify(body),
        signal,
      });
      if (response.headers.get("content-type")?.startsWith("text/event-stream") && response.body !== null) {
        return readEvents(response.body);
      }
      const result = (await response.json()) as Result;
      isUnauthenticated = result.errors?.some(({ extensions }) => extensions?.code === "UNAUTHENTICATED") === true;
      return result;
    } catch (error) {
      return toError(`The gateway did not answer: ${error instanceof Error ? error.message : error}`);
    }
  }

  async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Result> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) {
        const data = /^data: ?(.+)$/m.exec(event)?.[1];
        if (data !== undefined) yield JSON.parse(data) as Result;
      }
    }
  }

  type Operation = { readonly query: string; readonly operationName?: string; readonly variables?: unknown };

  async function run(operation: Operation, { headers = {} }: { readonly headers?: Headers } = {}) {
    if (operation.query.replaceAll(/#.*/g, "").trim() === "") {
      return toError("There is nothing to run: this tab has no operation.");
    }
    const wasUnauthenticated = isUnauthenticated;
    const cancellation = new AbortController();
    // Just after a change of tabs, GraphiQL still has the name of the former one's operation.
    const { query, operationName = "" } = operation;
    const isThere = new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`).test(query);
    const named = { ...operation, operationName: isThere ? operationName : undefined };
    const result = await request(named, headers, cancellation.signal);
    if (Symbol.asyncIterator in result) {
      // GraphiQL stops by `return`, which a generator that waits would not notice.
      const next = () => result.next().catch(() => ({ done: true, value: undefined }));
      const stop = async () => {
        cancellation.abort();
        return { done: true, value: undefined };
      };
      return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
    }
    const isIntrospection = operation.operationName === "IntrospectionQuery";
    if (isIntrospection) schemaProblem = result.data == null ? (result.errors?.[0]?.message ?? "") : "";
    if (!isIntrospection) notice.hidden = true; // its link is of an earlier operation
    if (isUnauthenticated) showTokenNotice();
    else if (wasUnauthenticated) {
      shareHeaders();
      await lookUp(headers);
      notice.hidden = true;
    }
    if (!isUnauthenticated && !isIntrospection && schemaProblem !== "") refetchSchema();
    take(result.data ?? {});
    return result;
  }

  function showTokenNotice(): void {
    notice.replaceChildren('This gateway needs a token. Put it into the Headers pane: { "Authorization": "Bearer …" }');
    notice.hidden = false;
  }

  /** The other tabs that have no token, or a former one. */
  function shareHeaders(): void {
    const { headers = null } = activeTab() ?? {};
    for (const tab of state.tabs)
      if (tab.headers === null || tab.headers.includes('"Authorization"')) tab.headers = headers;
    saveTabs();
  }

  function refetchSchema(): void {
    schemaProblem = "";
    document.querySelector('button[aria-label^="Re-fetch"]').click();
  }

  /** What later examples need. */
  function take({ createPaymentServiceUser, createLink }: Data): void {
    const psuId = createPaymentServiceUser?.paymentServiceUser?.id;
    if (psuId !== undefined) learn({ psuId }, true);
    if (createLink?.attempt == null) return;
    learn({ attemptId: createLink.attempt.id }, false);
    if (!/^https?:/.test(createLink.link)) return;
    const link = document.createElement("a");
    link.href = createLink.link;
    link.textContent = "Visit the bank";
    notice.replaceChildren("The link is ready: ", link, ". The bank sends you back to here.");
    notice.hidden = false;
  }

  function openTab(tab: Tab): void {
    state.activeTabIndex = state.tabs.push(tab) - 1;
  }

  known = { ...known, ...(JSON.parse(storage.getItem("ids") ?? "{}") as Partial<Ids>) };
  const { searchParams } = new URL(location.href);
  const attemptId = searchParams.get("attempt");
  const linked = searchParams.get("query");
  if (attemptId !== null) {
    learn({ attemptId }, false);
    const example = examples.find(({ variables }) => variables.includes("attemptId"));
    const at = state.tabs.findIndex(({ variables }) =>
      variables?.includes(`"attemptId": ${JSON.stringify(attemptId)}`),
    );
    if (at >= 0) state.activeTabIndex = at;
    else if (example !== undefined) openTab(toTab(example.document, example.name, { attemptId }));
  } else if (linked !== null) {
    openTab({ ...toTab(linked, null, {}), variables: searchParams.get("variables") });
  }
  if (attemptId !== null || linked !== null) history.replaceState(null, "", location.pathname);

  // A tab that was opened just before the reload may not have the token yet.
  const isWithout = (headers: string | null) => headers === null || headers === emptyHeaders;
  const token = state.tabs.find(({ headers }) => !isWithout(headers) && headers?.includes('"Authorization"'))?.headers;
  for (const tab of state.tabs) if (token !== undefined && isWithout(tab.headers)) tab.headers = token;

  let stored: Headers = {};
  try {
    stored = JSON.parse(activeTab()?.headers ?? "{}") as Headers;
  } catch {}
  await lookUp(stored);
  if (isUnauthenticated) {
    showTokenNotice();
    for (const tab of state.tabs) tab.headers ??= emptyHeaders;
  }

  saveTabs();
  // GraphiQL opens one more tab where these are not those of a tab.
  for (const name of ["query", "variables", "headers"] as const) {
    storage.setItem(`graphiql:${name}`, activeTab()?.[name] ?? "");
  }
  isShown = true;
  let edited: ReturnType<typeof setTimeout> | undefined;
  YogaGraphiQL.renderYogaGraphiQL(document.querySelector("#root"), {
    title,
    storage,
    fetcher: run,
    defaultQuery: "",
    showPersistHeadersSettings: false,
    defaultHeaders: isUnauthenticated ? emptyHeaders : undefined,
    defaultEditorToolsVisibility: isUnauthenticated ? "headers" : true,
    onEditQuery() {}, // by default the address would become the query
    onEditHeaders() {
      clearTimeout(edited);
      if (isUnauthenticated) edited = setTimeout(refetchSchema, 700);
    },
    onTabChange(next: TabState) {
      const headers = activeTab()?.headers;
      const isNew = next.tabs.length > state.tabs.length;
      state = next;
      saveTabs();
      if (!isNew || headers?.includes('"Authorization"') !== true) return;
      __MONACO.editor
        .getModels()
        .find(({ uri }) => uri.path.endsWith("request-headers.json"))
        ?.setValue(headers);
    },
  });
  new MutationObserver(() => {
    for (const problem of document.querySelectorAll(".graphiql-doc-explorer-error")) {
      const text = `There is no schema to show: ${schemaProblem}`;
      if (schemaProblem !== "" && problem.textContent !== text) problem.textContent = text;
    }
  }).observe(document.querySelector("#root"), { childList: true, subtree: true });
}

/** Finds the route of a request by its path and method, and turns API errors into their responses. */
import { toUuid } from "../ids.ts";
import { ApiError, internal } from "./api-error.ts";
import { faultOfEncodedId, faultOfUuid } from "./formats.ts";
import { empty, errorResponse, type HttpResponse, text } from "./response.ts";

export type RoutedRequest = {
  readonly method: string;
  /** Below the module's own prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
};

export type PathParams = {
  param(name: string): string;
  /** Throws INVALID_ID unless the parameter is a UUID. */
  uuid(name: string): string;
  /** Throws INVALID_ID unless the parameter is an id of the service's encoding. */
  encodedID(name: string): string;
};

type Reply = HttpResponse | Promise<HttpResponse>;
export type Handler<Request> = (request: Request & PathParams) => Reply;

export type Router<Request> = {
  on(method: string, path: string, handler: Handler<Request>): void;
  /** For any method, and without a token. */
  onPublic(path: string, handler: Handler<Request>): void;
  /** The scope that the route requires of a token; `null` for a public or unknown route. */
  scopeOf(method: string, path: string): string | null;
  respond(request: Request): Reply;
};

type Route<Request> = {
  /** `null`: any, and public. */
  readonly method: string | null;
  readonly pattern: readonly string[];
  readonly handler: Handler<Request>;
};

/** `module` is the first part of its scopes, such as `payments`. */
export function createRouter<Request extends RoutedRequest>(module: string): Router<Request> {
  const routes: Route<Request>[] = [];

  function add(method: string | null, path: string, handler: Handler<Request>): void {
    routes.push({ method, pattern: path.slice(1).split("/"), handler });
  }

  function match(path: string) {
    const segments = path.slice(1).split("/");
    return routes.flatMap((route) => {
      const params = matchPath(route.pattern, segments);
      return params === null ? [] : [{ ...route, params }];
    });
  }

  return {
    on: add,
    onPublic: (path, handler) => add(null, path, handler),
    scopeOf(method, path) {
      const route = match(path).find((match) => match.method === null || match.method === method);
      if (route === undefined || route.method === null) return null;
      return `${module}:${method === "GET" ? "read" : "write"}`;
    },
    respond(request) {
      const matches = match(request.path);
      if (matches.length === 0) return text(404, "404 page not found\n");
      const route = matches.find(({ method }) => method === null || method === request.method);
      if (route === undefined) {
        const allow = matches.map(({ method }) => method).join(", ");
        return empty(405, { allow, "content-type": "application/json" });
      }
      try {
        return route.handler({ ...request, ...readersOf(route.params) });
      } catch (error) {
        return errorResponse(error instanceof ApiError ? error : internal());
      }
    },
  };
}

function readersOf(params: ReadonlyMap<string, string>): PathParams {
  const param = (name: string): string => params.get(name) ?? "";
  return {
    param,
    uuid(name) {
      const id = toUuid(param(name));
      if (id === undefined) throw new ApiError("INVALID_ID", faultOfUuid(param(name)));
      return id;
    },
    encodedID(name) {
      const id = param(name);
      const fault = faultOfEncodedId(id);
      if (fault !== null) throw new ApiError("INVALID_ID", fault);
      return id;
    },
  };
}

/** The parts of a path that the pattern names, or `null` when the path is another. A last `*` is whatever follows. */
function matchPath(pattern: readonly string[], segments: readonly string[]): ReadonlyMap<string, string> | null {
  if (pattern.at(-1) === "*" ? pattern.length > segments.length : pattern.length !== segments.length) return null;
  const params = new Map<string, string>();
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] ?? "";
    if (part === "*") break;
    if (!part.startsWith(":")) {
      if (part !== segment) return null;
      continue;
    }
    if (segment === "") return null;
    try {
      params.set(part.slice(1), decodeURIComponent(segment));
    } catch {
      return null;
    }
  }
  return params;
}

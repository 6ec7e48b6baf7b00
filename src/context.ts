import type { Viewer } from "./auth.ts";
import type { CursorSeal } from "./cursor.ts";
import type { Upstream } from "./upstream/client.ts";

/** What a resolver may use. One per operation: loaders and counts live and die with it. */
export type Context = {
  readonly viewer: Viewer;
  readonly upstream: Upstream;
  readonly cursors: CursorSeal;
};

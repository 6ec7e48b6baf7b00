/** What every resolver is given. */

import type { Viewer } from "../auth/viewer.ts";
import type { Live } from "../live/live.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Operation } from "../operation.ts";
import type { Upstream } from "../upstream/client.ts";
import type { Providers } from "../upstream/providers/providers.ts";
import type { CursorSeal } from "./cursor.ts";

/** One per operation: loaders and counts live as long as it does. */
export type Context = {
  readonly operation: Operation;
  readonly viewer: Viewer;
  readonly upstream: Upstream;
  readonly cursors: CursorSeal;
  readonly live: Live;
  /** Where users may be sent with the outcome of a link; `null`: anywhere. */
  readonly redirectOrigins: readonly string[] | null;
  readonly providers: Providers;
  readonly metrics: Metrics;
  /** The loaders that this operation has used. */
  readonly loaders: Map<object, unknown>;
  /** Drops the loaders: each message of a subscription needs fresh ones. */
  forget(): void;
};

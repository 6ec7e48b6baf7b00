/** Reads and watches link attempts. */

import { isDeepStrictEqual } from "node:util";
import { attemptsTopic, connectionsTopic } from "../../live/connection-events.ts";
import type { Live } from "../../live/live.ts";
import type { Watched } from "../../live/watched.ts";
import { orNull, type Upstream } from "../../upstream/client.ts";
import { UpstreamError } from "../../upstream/errors.ts";
import { type PageRequest, withFilter } from "../../upstream/pages.ts";
import type * as wire from "../../upstream/wire-types.ts";
import type { Context } from "../context.ts";
import { anyOf, maySee } from "../filter.ts";
import { type CompositeKey, parseCompositeKey, toCompositeKey, toKey } from "../global-id.ts";
import { anyOfThese } from "../input.ts";
import { defineLoader, loadEach } from "../loader.ts";
import { loadPage, type PageArgs } from "../pagination.ts";
import { readConnections, toLiveKey } from "./bank-connection.ts";
import { loadOpenBankingConnectors } from "./connector.ts";
import { loadMergedPage } from "./merged-page.ts";

async function readAttempt(upstream: Upstream, live: Live, key: CompositeKey) {
  const { psuId, connectorId, ownId } = key;
  const attempt = await orNull(upstream.linkAttempt(psuId, connectorId, ownId));
  // The service finds any PSU's attempt by its id: one of another owner does not exist here.
  if (attempt?.psuID !== psuId || attempt.connectorID !== connectorId) return null;
  await noteRenewal({ upstream, live }, key, attempt);
  return attempt;
}

/** A completed attempt may have answered a warning. */
async function noteRenewal(
  { upstream, live }: Pick<Context, "upstream" | "live">,
  key: CompositeKey,
  { status }: wire.LinkAttempt,
): Promise<void> {
  if (status !== "completed") return;
  await live.consents.renewed(key, async () => (await readConnections(upstream, key.psuId)).map(toLiveKey));
}

export async function findAttempt({ upstream, viewer, live }: Context, key: CompositeKey) {
  if (!maySee(viewer, key.psuId)) return null;
  const attempt = await readAttempt(upstream, live, key);
  live.watchers.observe(toWatcherKey(key), attempt);
  return attempt;
}

function toWatcherKey(key: CompositeKey): string {
  return `attempt:${toCompositeKey(key)}`;
}

/** An attempt and, where a watcher has read it, whether it was expired then. */
export type Attempt = wire.LinkAttempt & { readonly isExpired?: boolean };

/** Whether it is pending for longer than a link lives. */
export function isExpired({ status, createdAt }: wire.LinkAttempt, live: Live): boolean {
  return status === "pending" && Date.now() > Date.parse(createdAt) + live.linkLifetimeMs;
}

const toRow = ({ isExpired: _isExpired, ...row }: Attempt) => row;

export function watchAttempt(live: Live, key: CompositeKey): Watched<Attempt> {
  return {
    key: toWatcherKey(key),
    topics: [attemptsTopic(key.psuId, key.connectorId)],
    invalidates: [connectionsTopic(key.psuId)],
    async read(upstream) {
      const attempt = await readAttempt(upstream, live, key);
      return attempt === null ? null : { ...attempt, isExpired: isExpired(attempt, live) };
    },
    isSame: (a, b) => isDeepStrictEqual(toRow(a), toRow(b)),
    // Not one that this gateway does not know.
    isFinal: ({ status }) => status === "completed" || status === "exited",
    maxPauseMs: 10_000,
    // The provider's token behind the link has expired, too.
    isSettled: (attempt) => attempt.isExpired === true,
    changesAt: (attempt) => Date.parse(attempt.createdAt) + live.linkLifetimeMs + 1,
  };
}

export const attemptByKey = defineLoader<wire.LinkAttempt | null>("attemptByKey", (keys, context) =>
  loadEach(keys, (key) => findAttempt(context, parseCompositeKey(key))),
);

type AttemptArgs = PageArgs & {
  readonly connectorId?: string | null | undefined;
  readonly statuses?: readonly NonNullable<wire.LinkAttempt["status"]>[] | null | undefined;
};

/** At one connector, or at all together. */
export function loadLinkAttempts(context: Context, psuId: string, args: AttemptArgs) {
  const connectorId = args.connectorId == null ? null : toKey("Connector", args.connectorId, "connectorId");
  const statuses = anyOfThese(args.statuses, "statuses");
  const rows = statuses && anyOf("status", [...new Set(statuses)]);
  const list = ["PaymentServiceUser.linkAttempts", psuId, connectorId, rows];
  const load = (connectorId: string, request: PageRequest) =>
    readAttempts(context, { psuId, connectorId }, withFilter(request, rows));
  if (connectorId !== null) return loadPage(context, list, args, (request) => load(connectorId, request));
  const keys = async () => (await loadOpenBankingConnectors(context)).map(({ id }) => id);
  return loadMergedPage(context, list, args, { keys, load });
}

async function readAttempts(
  context: Context,
  owner: Omit<CompositeKey, "ownId">,
  page: PageRequest,
): Promise<wire.Page<wire.LinkAttempt>> {
  const { psuId, connectorId } = owner;
  // The service answers 404 for a connector that is not there: no attempts, then.
  const found = (await orNull(context.upstream.linkAttempts(psuId, connectorId, page))) ?? noRows;
  if (found.data.some((row) => row.psuID !== psuId || row.connectorID !== connectorId)) {
    throw new UpstreamError("malformed", "the list holds attempts of others");
  }
  for (const row of found.data) context.live.watchers.observe(toWatcherKey({ ...owner, ownId: row.id }), row);
  await Promise.all(found.data.map((row) => noteRenewal(context, { ...owner, ownId: row.id }, row)));
  return found;
}

const noRows = { pageSize: 0, hasMore: false, next: null, data: [] };

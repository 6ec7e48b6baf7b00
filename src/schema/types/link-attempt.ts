/** Link attempts: the type, its query and subscription, and the mutations that create links. */

import { randomUUID } from "node:crypto";
import { v5 as uuidV5 } from "uuid";
import { z } from "zod";
import { badUserInput, conflict, notFound } from "../../errors.ts";
import { attemptsTopic } from "../../live/connection-events.ts";
import { orMalformed, UpstreamError } from "../../upstream/errors.ts";
import type * as wire from "../../upstream/wire-types.ts";
import { builder, ownedBy } from "../builder.ts";
import type { Context } from "../context.ts";
import { byId, calls, load, stream } from "../cost.ts";
import { maySee } from "../filter.ts";
import {
  anyConnectorId,
  anyPsuId,
  type CompositeKey,
  parseCompositeKey,
  toCompositeKey,
  toGlobalId,
  toKey,
  toPlainGlobalId,
} from "../global-id.ts";
import * as input from "../input.ts";
import { loadNodes } from "../loader.ts";
import { loadOwnConnection, toLiveKey } from "../loaders/bank-connection.ts";
import { checkStays, loadConnector } from "../loaders/connector.ts";
import { type Attempt, attemptByKey, findAttempt, isExpired, watchAttempt } from "../loaders/link-attempt.ts";
import { loadPsu, toOwnPsu } from "../loaders/payment-service-user.ts";
import { definePage } from "../pagination.ts";
import { Connector, LinkAttempt, PaymentServiceUser } from "../refs.ts";
import { createStateDiffer, orThrow, subscribeTo } from "../subscription.ts";

export const LinkAttemptStatus = builder.enumType("LinkAttemptStatus", {
  description: "What became of an attempt to connect a bank.",
  values: {
    PENDING: { value: "pending", description: "The user is on the way. One who closes the page stays so for ever." },
    COMPLETED: { value: "completed", description: "The bank is connected." },
    EXITED: { value: "exited", description: "The user cancelled, or the bank refused: `error` says more." },
  } as const,
});

builder.node(LinkAttempt, {
  description: "One visit of a user to a bank, to connect it or to renew a connection.",
  authScopes: ownedBy((attempt) => attempt.psuID),
  id: {
    resolve: ({ psuID, connectorID, id }) => toCompositeKey({ psuId: psuID, connectorId: connectorID, ownId: id }),
  },
  loadManyWithoutCache: loadNodes(attemptByKey.load),
  fields: (t) => ({
    attemptId: t.exposeString("id", {
      description: "The upstream's own id, a UUID: what `{attemptId}` in a redirect URL becomes.",
    }),
    paymentServiceUser: t.field({
      type: PaymentServiceUser,
      extensions: load("psuById"),
      resolve: ({ psuID }, _args, context) => loadPsu(context, psuID),
    }),
    connector: t.field({
      type: Connector,
      extensions: load("connectorById"),
      resolve: ({ connectorID }, _args, context) => loadConnector(context, connectorID),
    }),
    status: t.field({
      type: LinkAttemptStatus,
      semanticNonNull: true,
      resolve: ({ status }) => orMalformed(status, "status of a link attempt"),
    }),
    error: t.string({
      nullable: true,
      description: "Why it was left: in the stack's own words for an operator, the provider's code alone for a PSU.",
      resolve: (attempt, _args, { viewer, providers }) => {
        const { error } = attempt;
        return error === null || viewer.psuId === null ? error : providers.linkErrorCodeOf(attempt, error);
      },
    }),
    clientRedirectUrl: t.expose("clientRedirectURL", {
      type: "URL",
      nullable: true,
      description: "Where the user is sent back to, possibly before the attempt has left PENDING.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    isExpired: t.boolean({
      description: "Whether it is PENDING for longer than a link lives (a day). What the gateway knows, not the stack.",
      resolve: (attempt, _args, { live }) => isExpired(attempt, live),
    }),
  }),
});

export const LinkAttemptPage = definePage(LinkAttempt);

builder.queryField("linkAttempt", (t) =>
  t.field({
    type: LinkAttempt,
    nullable: true,
    description: "One attempt of a PSU to connect a bank.",
    authScopes: { read: true },
    extensions: byId("LinkAttempt"),
    args: { id: t.arg.id({ required: true, description: "A global id." }) },
    resolve: (_root, { id }, context) => attemptByKey.load(context, toKey("LinkAttempt", id, "id")),
  }),
);

builder.subscriptionField("linkAttemptChanged", (t) =>
  t.field({
    type: LinkAttempt,
    description:
      "The attempt as it is now, then again at each change; completes after COMPLETED or EXITED. NOT_FOUND when it is not there.",
    authScopes: { read: true },
    extensions: stream(1),
    args: { id: t.arg.id({ required: true, description: "A global id." }) },
    subscribe: (_root, { id }, context) => {
      const key = parseCompositeKey(toKey("LinkAttempt", id, "id"));
      if (!maySee(context.viewer, key.psuId)) throw notFound("id");
      return subscribeTo(context, watchAttempt(context.live, key), createStateDiffer<Attempt>());
    },
    resolve: orThrow,
  }),
);

const redirectUrl =
  "Where the user is sent back to: https, or http on localhost. In it, `{attemptId}` and `{id}` become the attempt's own; nothing else is added.";
const applicationName = "The name that the provider shows to the user; some providers require it.";
const idempotencyKey =
  "The same key gives the same attempt while that is pending, so that you can send it again after a lost answer; CONFLICT afterwards.";

const CreateLinkInput = builder.inputType("CreateLinkInput", {
  description: "Who is to connect a bank, and how.",
  fields: (t) => ({
    psuId: t.id({ required: true, description: anyPsuId }),
    connectorId: t.id({ required: true, description: anyConnectorId }),
    clientRedirectUrl: t.field({ type: "URL", required: true, description: redirectUrl }),
    applicationName: t.string({ description: applicationName }),
    idempotencyKey: t.string({ description: idempotencyKey }),
  }),
});

const UpdateLinkInput = builder.inputType("UpdateLinkInput", {
  description: "Which connection is to be repaired or renewed, and how.",
  fields: (t) => ({
    connectionId: t.id({ required: true, description: "The connection's global id." }),
    clientRedirectUrl: t.field({ type: "URL", required: true, description: redirectUrl }),
    applicationName: t.string({ description: applicationName }),
    idempotencyKey: t.string({ description: idempotencyKey }),
  }),
});

const LinkPayload = builder.objectRef<{ link: string; attempt: CompositeKey }>("LinkPayload").implement({
  authScopes: ownedBy(({ attempt }) => attempt.psuId),
  description: "A link to send the user to, and the attempt that shows what becomes of it.",
  fields: (t) => ({
    link: t.expose("link", {
      type: "URL",
      description: "The provider's page. Open it as a full page, never in a frame or an in-app web view.",
    }),
    attempt: t.field({
      type: LinkAttempt,
      extensions: load("attemptByKey"),
      resolve: async ({ attempt: key }, _args, context) => {
        const attempt = await attemptByKey.load(context, toCompositeKey(key));
        if (attempt === null) throw notFound("attempt");
        return attempt;
      },
    }),
  }),
});

builder.mutationFields((t) => ({
  createLink: t.field({
    type: LinkPayload,
    description:
      "A link by which a PSU connects a bank at a connector. NOT_FOUND with `notForwarded` when the PSU must be forwarded there first.",
    authScopes: { write: true },
    extensions: calls(["linkAttempt", "createLink"]),
    args: { input: t.arg({ type: CreateLinkInput, required: true }) },
    resolve: async (_root, args, context) => {
      const request = readLinkRequest(context, args.input);
      const psuId = toOwnPsu(context, args.input.psuId);
      const connectorId = toKey("Connector", args.input.connectorId, "input.connectorId");
      checkStays(context, connectorId);
      const owner = { psuId, connectorId };
      return startAttempt(context, owner, ["createLink"], request, (attemptId, body) =>
        context.upstream.createLink(psuId, connectorId, attemptId, body),
      );
    },
  }),
  updateLink: t.field({
    type: LinkPayload,
    description: "A link by which a PSU repairs or renews a connection.",
    authScopes: { write: true },
    extensions: calls(["connections", "linkAttempt", "updateLink"]),
    args: { input: t.arg({ type: UpdateLinkInput, required: true }) },
    resolve: async (_root, args, context) => {
      const request = readLinkRequest(context, args.input);
      const connection = toLiveKey(await loadOwnConnection(context, args.input.connectionId));
      const { psuId, connectorId, connectionId } = connection;
      const owner = { psuId, connectorId };
      return startAttempt(context, owner, ["updateLink", connectionId], request, async (attemptId, body) => {
        const link = await context.upstream.updateLink(psuId, connectorId, connectionId, attemptId, body);
        await context.live.consents.renewing(connection, attemptId);
        return link;
      });
    },
  }),
}));

const linkInput = z.object({
  clientRedirectUrl: z
    .string()
    .max(input.maxUrlLength, { error: input.redirectUrlRule, abort: true })
    .refine((url) => input.isRedirectUrl(fillIn(url, longestIds)), input.redirectUrlRule)
    .refine((url) => !/^[^/]*\/\/[^/?#]*\{/.test(url), "must not have a placeholder in its host")
    .refine(
      (url) => namesIn(url).every((name) => placeholders.has(name)),
      "must have no placeholders but {attemptId} and {id}",
    ),
  applicationName: input.optional(input.filledText(255)),
  idempotencyKey: input.optional(input.filledText(255)),
});

/** As long as real ones get, to check the URL as it will be sent. */
const longestIds = { attemptId: "0".repeat(36), id: "0".repeat(128) };

type Placeholders = { readonly attemptId: string; readonly id: string };

const placeholders: ReadonlySet<string> = new Set(Object.keys(longestIds));

/** A name in braces. Browsers escape braces in a path, with capitals; other software does it with small letters. */
const placeholder = /(?:\{|%7[Bb])([\w.-]+)(?:\}|%7[Dd])/g;

function namesIn(url: string): string[] {
  return Array.from(url.matchAll(placeholder), ([, name = ""]) => name);
}

/** Puts the attempt into the URL that its user comes back to, since the service adds nothing to it. */
function fillIn(url: string, attempt: Placeholders): string {
  return url.replaceAll(placeholder, (text, name: string) =>
    placeholders.has(name) ? attempt[name as keyof Placeholders] : text,
  );
}

/** @throws BAD_USER_INPUT, also for an origin that is not allowed: a stolen token could send users there. */
function readLinkRequest({ redirectOrigins }: Context, value: unknown): z.output<typeof linkInput> {
  const request = input.checkInput(linkInput, value, "input");
  if (redirectOrigins !== null && !redirectOrigins.includes(new URL(request.clientRedirectUrl).origin)) {
    const field = "input.clientRedirectUrl";
    throw badUserInput(`\`${field}\` is of an origin that users may not be sent to.`, field);
  }
  return request;
}

/** The namespace of attempt ids that are derived from a client's key. */
const attemptNamespace = "6f0c1c1e-53a4-4c57-9b0e-0f6f5d7b3c52";

/**
 * Starts an attempt whose id the gateway chooses: it is known even when the response is lost. With a client's key the
 * id is derived from PSU, connector, purpose and key, so that no key can name another PSU's attempt: the service would
 * reset that without checking its owner.
 */
async function startAttempt(
  context: Context,
  owner: { readonly psuId: string; readonly connectorId: string },
  purpose: readonly string[],
  request: z.output<typeof linkInput>,
  send: (attemptId: string, body: wire.LinkRequest) => Promise<wire.Link>,
): Promise<{ link: string; attempt: CompositeKey }> {
  const { idempotencyKey, applicationName } = request;
  const ownId =
    idempotencyKey === undefined
      ? randomUUID()
      : uuidV5(JSON.stringify([owner.psuId, owner.connectorId, ...purpose, idempotencyKey]), attemptNamespace);
  const attempt: CompositeKey = { ...owner, ownId };
  const key = toCompositeKey(attempt);
  const toUrl = (id: string) => fillIn(request.clientRedirectUrl, { attemptId: ownId, id });
  const clientRedirectURL = toUrl(toGlobalId("LinkAttempt", key));
  if (idempotencyKey !== undefined) {
    const earlier = await findAttempt(context, attempt);
    // Sent again, a key whose attempt has ended would put it back to pending.
    if (earlier !== null && orMalformed(earlier.status, "status of a link attempt") !== "pending") {
      throw conflict("The attempt of this key has ended: a new attempt needs a new key.", "input.idempotencyKey");
    }
    // One that was sent before global ids were short has the plain one in its URL.
    const urls = [clientRedirectURL, toUrl(toPlainGlobalId("LinkAttempt", key))];
    if (earlier !== null && !urls.includes(earlier.clientRedirectURL ?? "")) {
      throw conflict("This key was used with another redirect URL.", "input.idempotencyKey");
    }
  }
  const answer = await send(ownId, { clientRedirectURL, applicationName });
  // With a key the attempt may be an older one with subscribers.
  if (idempotencyKey !== undefined) context.live.invalidate(attemptsTopic(owner.psuId, owner.connectorId));
  if (answer.attemptID !== ownId) throw new UpstreamError("malformed", "the link is of another attempt");
  return { link: answer.link, attempt };
}

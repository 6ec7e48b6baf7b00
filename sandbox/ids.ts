/**
 * Ids as the service makes them: of users and attempts a UUID; of connectors, accounts, payments and tasks the
 * unpadded base64url of a JSON object whose keys are sorted.
 */
type ConnectorKey = { readonly Provider: string; readonly Reference: string };

/** The connector of a task that belongs to none. */
const noConnector: ConnectorKey = { Provider: "", Reference: "00000000-0000-0000-0000-000000000000" };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export const toConnectorId = (provider: string, reference: string): string =>
  encode({ Provider: provider, Reference: reference } satisfies ConnectorKey);

export const toAccountId = (connectorId: string, reference: string): string =>
  encode({ ConnectorID: decode(connectorId), Reference: reference });

export const toPaymentId = (connectorId: string, reference: string, type: string): string =>
  encode({ ConnectorID: decode(connectorId), Reference: reference, Type: type });

/** `createdAt` is an RFC 3339 text. */
export const toAdjustmentId = (paymentId: string, createdAt: string, reference: string, status: string): string =>
  encode({ CreatedAt: createdAt, PaymentID: decode(paymentId), Reference: reference, Status: status });

export const toTaskId = (connectorId: string | null, reference: string): string =>
  encode({ ConnectorID: connectorId === null ? noConnector : decode(connectorId), Reference: reference });

export function decode(id: string): unknown {
  return JSON.parse(Buffer.from(id, "base64url").toString());
}

/** A UUID in the form that the service writes, or `undefined`. It also reads UUIDs without dashes, in braces, as URN. */
export function toUuid(text: string): string | undefined {
  const hex = /^(?:urn:uuid:)?\{?([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})\}?$/i.exec(text);
  return hex === null ? undefined : hex.slice(1).join("-").toLowerCase();
}

/** The codes that the service writes into an error body, each with its status. */
const statusOf = {
  VALIDATION: 400,
  INVALID_ID: 400,
  MISSING_OR_INVALID_BODY: 400,
  CONFLICT: 400,
  CONNECTOR_CAPABILITY_NOT_SUPPORTED: 400,
  NOT_FOUND: 404,
  INTERNAL: 500,
} as const;

export type FailureCode = keyof typeof statusOf;

/** A call that ends with an error body. */
export class Failure extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
  get status(): number {
    return statusOf[this.code];
  }
}

export const notFound = (what: string): Failure => new Failure("NOT_FOUND", `${what}: not found`);
export const invalid = (message: string): Failure => new Failure("VALIDATION", message);
/** The service's only words for a fault of its own, such as SQL that its database refuses. */
export const internal = (): Failure =>
  new Failure("INTERNAL", "Internal error. Consult logs/traces to have more details.");

/** The errors that the service writes into a response body. */

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

export type ApiErrorCode = keyof typeof statusOf;

/** A call that ends with an error body. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  constructor(code: ApiErrorCode, message: string) {
    super(message);
    this.code = code;
  }
  get status(): number {
    return statusOf[this.code];
  }
}

export const notFound = (what?: string): ApiError =>
  new ApiError("NOT_FOUND", what === undefined ? "not found" : `${what}: not found`);
export const invalid = (message: string): ApiError => new ApiError("VALIDATION", message);
/** The service's only words for a fault of its own, such as SQL that its database refuses. */
export const internal = (): ApiError =>
  new ApiError("INTERNAL", "Internal error. Consult logs/traces to have more details.");

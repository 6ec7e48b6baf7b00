/** The log line of a provider's mapper that failed: nothing of the row is in it. */
import type { Logger } from "pino";
import type { MapperError } from "../upstream/providers/mapper.ts";

export const logMapperErrors =
  (log: Logger) =>
  ({ provider, mapper, member, problem, thrownAt }: MapperError): void =>
    log.error({ provider, mapper, member, problem, thrownAt }, "a provider's mapper failed");

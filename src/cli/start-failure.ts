/** Why a gateway cannot start, for the person who starts it. */
import { ConfigError } from "../config/config.ts";

/** Lines with every problem of its settings, or with what the system refuses. */
export function toStartFailure(error: unknown): string {
  const isRefusal = error instanceof Error && "syscall" in error;
  const lines = [error instanceof ConfigError || isRefusal ? error.message : String(error)];
  if (isRefusal && "code" in error && error.code === "EADDRINUSE") lines.push("Set PORT to another port.");
  return `${["The gateway cannot start.", ...lines].join("\n")}\n`;
}

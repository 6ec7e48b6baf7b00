/** Hosts that mean this machine. */

import { toNetwork } from "./ip-network.ts";

/** Whether only programs of this machine can reach it; an IPv6 address stands without brackets, also one that is IPv4. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(toNetwork(host));
}

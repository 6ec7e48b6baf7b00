/** Hosts that mean this machine. */

/** Whether only programs of this machine can reach it; an IPv6 address stands without brackets. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

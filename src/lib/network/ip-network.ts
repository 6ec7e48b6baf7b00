/** The network that an address is counted by. */
import { isIPv6 } from "node:net";
import { keepRecent } from "../recent.ts";

/**
 * One customer of a provider has a whole IPv6 network of 64 bits: counted by address, each would have buckets without
 * end. An IPv4-mapped address is IPv4.
 */
export const toNetwork = keepRecent((address: string): string => {
  const [plain = ""] = address.split("%", 1);
  if (!isIPv6(plain)) return address;
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical);
  if (mapped !== null) {
    const words = mapped.slice(1).map((word) => Number.parseInt(word, 16));
    return words.flatMap((word) => [word >> 8, word & 0xff]).join(".");
  }
  const [head = [], tail = []] = canonical.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
});

/** What a key of a JSON Web Key Set is good for. */
import { createPublicKey, type JsonWebKey } from "node:crypto";

/** Its members (RFC 7517): what is none of ours is ignored. */
export type PublishedKey = Readonly<Record<string, unknown>> & { readonly kty?: string };

const rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const curves: Readonly<Record<string, readonly string[]>> = {
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  Ed25519: ["EdDSA", "Ed25519"], // one algorithm: the second is its newer name (RFC 9864)
};

// Asymmetric only: with HS256 allowed, a public key could pass for a shared secret.
export const acceptedAlgorithms = [...rsa, ...Object.values(curves).flat()];

/** The same key set, in which an Ed25519 key is good for tokens by either name of its algorithm. */
export function acceptEitherName<KeySet>(set: KeySet): KeySet {
  const { keys } = (set ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) return set;
  return { ...set, keys: keys.map(withoutName) };
}

function withoutName(key: unknown): unknown {
  if (typeof key !== "object" || key === null) return key;
  const { alg, ...rest } = key as PublishedKey;
  return rest["crv"] === "Ed25519" && curves["Ed25519"]?.includes(String(alg)) ? rest : key;
}

const secretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** Whether who can read the key can sign with it. */
export const hasSecret = (key: PublishedKey) => secretMembers.some((member) => member in key);

/** Whether tokens can be checked with it. */
export function canVerify(key: PublishedKey): boolean {
  const { kty, crv, alg, use, key_ops: operations } = key;
  const algorithms = kty === "RSA" ? rsa : (curves[String(crv)] ?? []);
  if (alg !== undefined && !algorithms.includes(String(alg))) return false;
  if (use !== undefined && use !== "sig") return false;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) return false;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: key as JsonWebKey, format: "jwk" });
    // Shorter ones are refused with each token.
    return algorithms.length > 0 && (kty !== "RSA" || (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048);
  } catch {
    return false;
  }
}

/** Seals cursors, so that clients can carry but neither read nor change them. */

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** By AES-256-GCM. `binding` is authenticated too: what was sealed for one list and viewer does not open for another. */
export type CursorSeal = {
  seal(text: string, binding: string): string;
  /** `null` for anything that was not sealed for this binding by one of the secrets. */
  open(sealed: string, binding: string): string | null;
};

/**
 * The first secret seals, and all of them open, so that one can be replaced while clients hold cursors.
 * @param secrets shared by replicas; `null`: a random one, so that cursors live as long as the process.
 */
export function createCursorSeal(secrets: readonly [string, ...string[]] | null): CursorSeal {
  const [newest, ...older] = secrets ?? [randomBytes(32)];
  const newestSeal = createSeal(newest);
  const seals = [newestSeal, ...older.map(createSeal)];
  return {
    seal: newestSeal.seal,
    open(sealed, binding) {
      for (const { open } of seals) {
        const text = open(sealed, binding);
        if (text !== null) return text;
      }
      return null;
    },
  };
}

function createSeal(secret: string | Buffer): CursorSeal {
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", secret, "", purpose, 32));
  const sealingKey = derive("cursor sealing");
  const nonceKey = derive("cursor nonce");
  return {
    seal(text, binding) {
      // The nonce is derived from the content: a row keeps its cursor, and a busy fleet cannot draw the same random nonce
      // for two contents.
      const content = `${binding.length}:${binding}${text}`;
      const nonce = createHmac("sha256", nonceKey).update(content).digest().subarray(0, nonceLength);
      const cipher = createCipheriv("aes-256-gcm", sealingKey, nonce).setAAD(Buffer.from(binding));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open(sealed, binding) {
      const bytes = Buffer.from(sealed, "base64url");
      // Decoding ignores stray characters and spare bits: only the exact text that `seal` returned is accepted.
      if (bytes.length <= nonceLength + tagLength || bytes.toString("base64url") !== sealed) return null;
      const decipher = createDecipheriv("aes-256-gcm", sealingKey, bytes.subarray(0, nonceLength), {
        authTagLength: tagLength,
      })
        .setAAD(Buffer.from(binding))
        .setAuthTag(bytes.subarray(nonceLength, nonceLength + tagLength));
      try {
        // What is forged is no text: it is not read as one before the tag has been checked.
        return Buffer.concat([decipher.update(bytes.subarray(nonceLength + tagLength)), decipher.final()]).toString();
      } catch {
        return null;
      }
    },
  };
}

const nonceLength = 12;
const tagLength = 16;

// The people and the group that live on a peer, and their keys.
import { KeyObject, webcrypto } from "node:crypto";

export const ACTORS = {
  alice: { type: "Person", name: "Alice", acceptsFollows: true },
  // Bob leaves follow requests open until the test answers them.
  bob: { type: "Person", name: "Bob", acceptsFollows: false },
  board: { type: "Group", name: "Board", acceptsFollows: true },
};

async function rsaPair() {
  return await webcrypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    },
    true,
    ["sign", "verify"],
  );
}

/** Name → `{pairs, rsa}`: the pairs for Fedify and the RSA private key for requests signed by hand. */
export async function generateKeys({ ed25519 }) {
  const entries = Object.keys(ACTORS).map(async (name) => {
    const pairs = [await rsaPair()];
    if (ed25519) pairs.push(await webcrypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]));
    return [name, { pairs, rsa: KeyObject.from(pairs[0].privateKey) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

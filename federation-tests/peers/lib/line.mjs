// Loads one line of Fedify and says how it differs from the other.
import { readFile } from "node:fs/promises";

export const LINES = ["fedify1", "fedify2"];

export async function loadLine(name) {
  if (!LINES.includes(name)) throw new Error(`unknown line ${name}; known: ${LINES.join(", ")}`);
  const folder = new URL(`../${name}/`, import.meta.url);
  const manifest = new URL("node_modules/@fedify/fedify/package.json", folder);
  const [modules, { version }] = await Promise.all([
    import(new URL("load.mjs", folder)),
    readFile(manifest, "utf8").then(JSON.parse),
  ]);
  const modern = name === "fedify2";
  return {
    ...modules,
    name,
    version,
    // The old line signs the old way first and the new line the new way first, as their users do by default
    // or by setting: so a server that speaks only one of the two is met by both orders of knocking.
    firstKnock: modern ? "rfc9421" : "draft-cavage-http-signatures-12",
    // Ed25519 keys make Fedify attach object integrity proofs.
    ed25519: true,
    spellsPublicOut: modern,
    // The type of the NodeInfo version changed between the lines.
    nodeInfoVersion: modern ? "1.0.0" : { major: 1, minor: 0, patch: 0 },
  };
}

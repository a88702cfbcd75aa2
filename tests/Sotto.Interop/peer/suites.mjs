// The cipher suites that the peer speaks, by wire id.
import { ciphersuites, getCiphersuiteFromName, getCiphersuiteImpl } from "ts-mls";
import { p256 } from "@noble/curves/nist.js";

const nameOf = Object.fromEntries(Object.entries(ciphersuites).map(([name, id]) => [id, name]));
const loaded = new Map();

/** Wire ids that the interop tests use: three of RFC 9420 and ts-mls's X-Wing suite. */
export const interopSuites = [1, 2, 3, 0x0053];

/** The ts-mls implementation of a suite. */
export async function suiteOf(id) {
  if (nameOf[id] === undefined) throw new Error(`unknown suite ${id}`);
  if (!loaded.has(id)) loaded.set(id, await load(id));
  return loaded.get(id);
}

export const suiteId = (name) => ciphersuites[name] ?? Number(name);
export const suiteName = (id) => nameOf[id] ?? String(id);

async function load(id) {
  const suite = await getCiphersuiteImpl(getCiphersuiteFromName(nameOf[id]));
  return suite.name.endsWith("_P256") ? { ...suite, signature: withUncompressedKeys(suite.signature) } : suite;
}

// ts-mls hands out compressed P-256 points. RFC 9420 §5.1.1 asks for uncompressed ones.
function withUncompressedKeys(signature) {
  return {
    ...signature,
    async keygen() {
      const { signKey } = await signature.keygen();
      return { signKey, publicKey: p256.getPublicKey(signKey, false) };
    },
  };
}

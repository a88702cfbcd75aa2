// The two X-Wing suites that vectors are recorded for, and for each a second build of its primitives to check with.
import { getCiphersuiteFromName, nobleCryptoProvider, ciphersuites } from "ts-mls";
import { makeAead } from "ts-mls/crypto/implementation/default/makeAead.js";
import { makeHashImpl } from "ts-mls/crypto/implementation/default/makeHashImpl.js";
import { makeKdf, makeKdfImpl } from "ts-mls/crypto/implementation/default/makeKdfImpl.js";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";
import { makeNobleSignatureImpl } from "ts-mls/crypto/implementation/default/makeNobleSignatureImpl.js";
import { CipherSuite } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { labelledSeed, NobleXWing, plainSeed } from "./xwing.mjs";

/** Both forms are recorded under this wire id: ts-mls knows no other X-Wing suite with AES-256-GCM and Ed25519. */
export const wireId = 0x0053;
const name = Object.keys(ciphersuites).find((key) => ciphersuites[key] === wireId);
const published = getCiphersuiteFromName(name);

/** What each file name says: 0x0053 as it is in ts-mls, and our 0xF002 with its own hash, KDF and DeriveKeyPair. */
export const forms = {
  "xwing-0053": { hash: published.hash, kdf: published.hpke.kdf, seed: plainSeed, unmodified: true },
  "xwing-f002-over-0053": { hash: "SHA-384", kdf: "HKDF-SHA384", seed: labelledSeed, unmodified: false },
};

/** The suite to record with: ts-mls and its noble provider. For 0xF002 three things differ: hash, KDF and DeriveKeyPair. */
export async function recordingSuite({ hash, kdf, seed, unmodified }) {
  const suite = await nobleCryptoProvider.getCiphersuiteImpl({ ...published, hash, hpke: { ...published.hpke, kdf } });
  const deriveKeyPair = (ikm) => new XWing().generateKeyPairDerand(seed(ikm));
  return unmodified ? suite : { ...suite, hpke: { ...suite.hpke, deriveKeyPair } };
}

/** The same suite on other code: hash, HMAC and AES-GCM by WebCrypto, X-Wing by noble. */
export async function checkingSuite({ hash, kdf, seed }) {
  const [aead, hpkeAead] = await makeAead("AES256GCM");
  const hpke = new CipherSuite({ kem: new NobleXWing(seed), kdf: makeKdf(kdf), aead: hpkeAead });
  return {
    name,
    hash: makeHashImpl(crypto.subtle, hash),
    kdf: makeKdfImpl(makeKdf(kdf)),
    signature: await makeNobleSignatureImpl("Ed25519"),
    hpke: await makeGenericHpke({ ...published.hpke, kdf }, aead, hpke),
    rng: { randomBytes: (n) => crypto.getRandomValues(new Uint8Array(n)) },
  };
}

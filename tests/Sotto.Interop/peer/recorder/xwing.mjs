// X-Wing's two published ways from input keying material to a seed, and X-Wing itself on noble.
import { XWing as HpkeXWing } from "@hpke/hybridkem-x-wing";
import { XWing } from "@noble/post-quantum/hybrid.js";
import { shake256 } from "@noble/hashes/sha3.js";

const ascii = (text) => new TextEncoder().encode(text);
const kemSuiteId = Uint8Array.of(...ascii("KEM"), 0x64, 0x7a);
const label = ascii("DeriveKeyPair");

/** draft-connolly-cfrg-xwing-kem: SHAKE256(ikm, 32). ts-mls 0x0053 uses this one. */
export const plainSeed = (ikm) => shake256(ikm, { dkLen: 32 });

/** draft-ietf-hpke-pq: SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32). Suite 0xF002 uses this one. */
export const labelledSeed = (ikm) =>
  shake256(Uint8Array.of(...ikm, ...ascii("HPKE-v1"), ...kemSuiteId, 0, label.length, ...label, 0, 32), { dkLen: 32 });

/** The KEM object that @hpke/core asks for, with every X-Wing operation done by @noble/post-quantum. */
export class NobleXWing extends HpkeXWing {
  #seed;

  constructor(seed) {
    super();
    this.#seed = seed;
  }

  static publicKeyOf(seed) {
    return XWing.keygen(seed).publicKey;
  }

  async generateKeyPair() {
    return this.#keyPair(crypto.getRandomValues(new Uint8Array(32)));
  }

  async deriveKeyPair(ikm) {
    return this.#keyPair(this.#seed(new Uint8Array(ikm)));
  }

  async encap({ recipientPublicKey }) {
    const { cipherText, sharedSecret } = XWing.encapsulate(recipientPublicKey.key);
    return { sharedSecret: exact(sharedSecret), enc: exact(cipherText) };
  }

  async decap({ recipientKey, enc }) {
    return exact(XWing.decapsulate(new Uint8Array(enc), recipientKey.key));
  }

  async #keyPair(seed) {
    const publicKey = await this.deserializePublicKey(exact(NobleXWing.publicKeyOf(seed)));
    return { privateKey: await this.deserializePrivateKey(exact(seed)), publicKey };
  }
}

const exact = (bytes) => Uint8Array.from(bytes).buffer;

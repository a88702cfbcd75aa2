// crypto-basics.json
import { refhash } from "ts-mls/crypto/hash.js";
import { decryptWithLabel, encryptWithLabel } from "ts-mls/crypto/hpke.js";
import { deriveSecret, deriveTreeSecret, expandWithLabel } from "ts-mls/crypto/kdf.js";
import { signWithLabel, verifyWithLabel } from "ts-mls/crypto/signature.js";
import { wireId } from "./forms.mjs";
import { fresh, fromHex, holds, nativeSignatureKey, same, toHex } from "./hex.mjs";

const cases = 3;

export async function record(suite) {
  return Promise.all(Array.from({ length: cases }, () => recordOne(suite)));
}

async function recordOne(suite) {
  const { hash, kdf } = suite;
  const value = fresh(40);
  const secret = fresh(kdf.size);
  const context = fresh(24);
  return {
    cipher_suite: wireId,
    ref_hash: { label: "RefHash", value: toHex(value), out: toHex(await refhash("RefHash", value, hash)) },
    expand_with_label: {
      secret: toHex(secret), label: "ExpandWithLabel", context: toHex(context), length: 16,
      out: toHex(await expandWithLabel(secret, "ExpandWithLabel", context, 16, kdf)),
    },
    derive_secret: { secret: toHex(secret), label: "DeriveSecret", out: toHex(await deriveSecret(secret, "DeriveSecret", kdf)) },
    derive_tree_secret: {
      secret: toHex(secret), label: "DeriveTreeSecret", generation: 0xa0a1a2a3, length: 16,
      out: toHex(await deriveTreeSecret(secret, "DeriveTreeSecret", 0xa0a1a2a3, 16, kdf)),
    },
    sign_with_label: await recordSignature(suite),
    encrypt_with_label: await recordEncryption(suite),
  };
}

async function recordSignature({ signature }) {
  const { signKey, publicKey } = await signature.keygen();
  const content = fresh(48);
  return {
    priv: toHex(nativeSignatureKey(signKey)), pub: toHex(publicKey), content: toHex(content), label: "SignWithLabel",
    signature: toHex(await signWithLabel(signKey, "SignWithLabel", content, signature)),
  };
}

// The key pair comes from DeriveKeyPair of the suite, and the private key is what the vector holds.
async function recordEncryption({ hpke, kdf }) {
  const { privateKey, publicKey } = await hpke.deriveKeyPair(fresh(kdf.size));
  const context = fresh(24);
  const plaintext = fresh(48);
  const { enc, ct } = await encryptWithLabel(publicKey, "EncryptWithLabel", context, plaintext, hpke);
  return {
    priv: toHex(await hpke.exportPrivateKey(privateKey)), pub: toHex(await hpke.exportPublicKey(publicKey)),
    label: "EncryptWithLabel", context: toHex(context), plaintext: toHex(plaintext),
    kem_output: toHex(enc), ciphertext: toHex(ct),
  };
}

export async function check(suite, v) {
  const { hash, hpke, kdf, signature } = suite;
  const { ref_hash: r, expand_with_label: x, derive_secret: d, derive_tree_secret: t, sign_with_label: s, encrypt_with_label: e } = v;
  same("ref_hash", await refhash(r.label, fromHex(r.value), hash), r.out);
  same("expand_with_label", await expandWithLabel(fromHex(x.secret), x.label, fromHex(x.context), x.length, kdf), x.out);
  same("derive_secret", await deriveSecret(fromHex(d.secret), d.label, kdf), d.out);
  same("derive_tree_secret", await deriveTreeSecret(fromHex(t.secret), t.label, t.generation, t.length, kdf), t.out);
  holds("signature", await verifyWithLabel(fromHex(s.pub), s.label, fromHex(s.content), fromHex(s.signature), signature));
  const again = await signWithLabel(fromHex(s.priv), s.label, fromHex(s.content), signature);
  holds("own signature", await verifyWithLabel(fromHex(s.pub), s.label, fromHex(s.content), again, signature));
  const key = await hpke.importPrivateKey(fromHex(e.priv));
  const open = (enc, ct) => decryptWithLabel(key, e.label, fromHex(e.context), enc, ct, hpke);
  same("plaintext", await open(fromHex(e.kem_output), fromHex(e.ciphertext)), e.plaintext);
  const sealed = await encryptWithLabel(await hpke.importPublicKey(fromHex(e.pub)), e.label, fromHex(e.context), fromHex(e.plaintext), hpke);
  same("own plaintext", await open(sealed.enc, sealed.ct), e.plaintext);
}

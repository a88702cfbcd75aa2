// The vectors' spelling of bytes.
export const toHex = (bytes) => Buffer.from(bytes).toString("hex");
export const fromHex = (text) => new Uint8Array(Buffer.from(text, "hex"));
export const fresh = (length) => crypto.getRandomValues(new Uint8Array(length));
export const ascii = (text) => new TextEncoder().encode(text);
export const nothing = new Uint8Array();

/** The 32 native bytes of an Ed25519 private key, which ts-mls may hold as PKCS #8. */
export const nativeSignatureKey = (key) => (key.length === 48 ? key.slice(16) : key);

/** Throws, naming what differs, unless both are the same bytes. */
export function same(what, actual, expected) {
  const [a, e] = [actual, expected].map((x) => (typeof x === "string" ? x : toHex(x)));
  if (a !== e) throw new Error(`${what}: ${a.slice(0, 40)}… is not ${e.slice(0, 40)}…`);
}

export function holds(what, condition) {
  if (!condition) throw new Error(what);
}

// MLSMessage bytes in and out. ts-mls ignores bytes after a message; a peer in a test must not, so decoding is strict here.
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";

const fieldOf = {
  mls_public_message: "publicMessage",
  mls_private_message: "privateMessage",
  mls_welcome: "welcome",
  mls_group_info: "groupInfo",
  mls_key_package: "keyPackage",
};

/** The bytes of one MLSMessage of the named wire format (RFC 9420 §6). */
export const wrap = (wireformat, value) =>
  encodeMlsMessage({ version: "mls10", wireformat, [fieldOf[wireformat]]: value });

/** Reads exactly one MLSMessage; with a wire format given, only of that one, and then its content alone. */
export function unwrap(bytes, wireformat) {
  const message = exactly(decodeMlsMessage, bytes, "MLSMessage");
  if (wireformat === undefined) return message;
  if (message.wireformat !== wireformat) throw new Error(`expected ${wireformat}, got ${message.wireformat}`);
  return message[fieldOf[wireformat]];
}

export const wrapTree = (tree) => encodeRatchetTree(tree);
export const unwrapTree = (bytes) => exactly(decodeRatchetTree, bytes, "ratchet_tree");

/** Runs a ts-mls decoder and refuses both failure and bytes left over. */
export function exactly(decoder, bytes, what) {
  const result = decoder(bytes, 0);
  if (result === undefined) throw new Error(`not a valid ${what}`);
  if (result[1] !== bytes.length) throw new Error(`${bytes.length - result[1]} bytes after the ${what}`);
  return result[0];
}

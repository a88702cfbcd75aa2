// A ratchet tree with every member's private half, grown by commits without a group around it.
//
// ts-mls keeps the private keys of a path and forgets the path secrets. The vectors want the secrets, so they are kept here,
// from what createUpdatePath returns.
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { signWithLabel } from "ts-mls/crypto/signature.js";
import { leafNodeTBSEncoder } from "ts-mls/leafNode.js";
import { pathToRoot } from "ts-mls/pathSecrets.js";
import { addLeafNode, removeLeafNode } from "ts-mls/ratchetTree.js";
import { directPath, isAncestor, leafWidth } from "ts-mls/treemath.js";
import { createUpdatePath } from "ts-mls/updatePath.js";
import { makeKeyPackage } from "../keyPackages.mjs";
import { ascii, fresh } from "./hex.mjs";
import { contextOf } from "./schedule.mjs";

export class TreeBuilder {
  #made = 0;

  constructor(suite) {
    this.suite = suite;
    this.groupId = fresh(16);
    this.tree = [];
    /** By leaf index: `{ index, signKey, encryptionKey, pathSecrets: Map(node → secret) }`, or undefined for a blank leaf. */
    this.slots = [];
  }

  /** `get_tree(n)` of test-vectors.md: leaf i commits and adds leaf i + 1. */
  static async grown(suite, leaves) {
    const builder = new TreeBuilder(suite);
    const first = await builder.newcomer();
    builder.tree = [{ nodeType: "leaf", leaf: first.publicPackage.leafNode }];
    builder.#occupy(0, first);
    for (let i = 0; i + 1 < leaves; i++) await builder.commit(i, { add: 1 });
    return builder;
  }

  get leaves() {
    return this.slots.filter((leaf) => leaf !== undefined);
  }

  newcomer() {
    return makeKeyPackage(this.suite, ascii(`member ${this.#made++}`));
  }

  /** Adds a leaf without a path: it is unmerged below every parent that is not blank. Returns its node index. */
  async add() {
    const made = await this.newcomer();
    const [tree, node] = addLeafNode(this.tree, made.publicPackage.leafNode);
    this.tree = tree;
    this.#occupy(node / 2, made);
    return node;
  }

  /** Leaf `sender` removes, adds and sends a path, which the added leaves get a secret of by Welcome. */
  async commit(sender, { remove = [], add = 0 }) {
    for (const leaf of remove) {
      this.tree = removeLeafNode(this.tree, leaf);
      this.slots[leaf] = undefined;
    }
    const added = [];
    for (let i = 0; i < add; i++) added.push(await this.add());
    const { signKey } = this.slots[sender];
    const context = contextOf(this.suite, this.groupId, 1, fresh(0), fresh(this.suite.kdf.size));
    const [tree, , secrets, leafKey] = await createUpdatePath(this.tree, sender, context, signKey, this.suite, added);
    this.tree = tree;
    this.slots[sender].encryptionKey = await this.suite.hpke.exportPrivateKey(leafKey);
    for (const leaf of this.leaves) await this.#learn(leaf, sender, secrets);
    this.slots.length = leafWidth(this.tree.length);
  }

  /** An Update's leaf node for the leaf at `index`. */
  async updatedLeaf(index) {
    const { leaf } = this.tree[index * 2];
    const { publicKey } = await this.suite.hpke.generateKeyPair();
    const { credential, capabilities, signaturePublicKey, extensions } = leaf;
    const hpkePublicKey = await this.suite.hpke.exportPublicKey(publicKey);
    const unsigned = { hpkePublicKey, credential, capabilities, signaturePublicKey, extensions, leafNodeSource: "update" };
    const signed = encode(leafNodeTBSEncoder)({ ...unsigned, groupId: this.groupId, leafIndex: index });
    return { ...unsigned, signature: await signWithLabel(this.slots[index].signKey, "LeafNodeTBS", signed, this.suite.signature) };
  }

  /** The lowest secret of a path whose node is above the leaf; the path is leaf to root. */
  static secretAbove(leaf, secrets) {
    const width = Math.max(...secrets.map((s) => s.nodeIndex)) * 2 + 1;
    return secrets.find(({ nodeIndex }) => isAncestor(leaf * 2, nodeIndex, width));
  }

  #occupy(index, { privatePackage }) {
    const { hpkePrivateKey: encryptionKey, signaturePrivateKey: signKey } = privatePackage;
    this.slots[index] = { index, signKey, encryptionKey, pathSecrets: new Map() };
    this.slots.length = Math.max(this.slots.length, leafWidth(this.tree.length));
  }

  async #learn(leaf, sender, secrets) {
    const own = leaf.index === sender ? secrets[0] : TreeBuilder.secretAbove(leaf.index, secrets);
    for (const node of [...leaf.pathSecrets.keys()])
      if (this.tree[node] === undefined || directPath(sender * 2, leafWidth(this.tree.length)).includes(node)) leaf.pathSecrets.delete(node);
    const learned = await pathToRoot(this.tree, own.nodeIndex, own.secret, this.suite.kdf);
    for (const [node, secret] of Object.entries(learned)) leaf.pathSecrets.set(Number(node), secret);
  }
}

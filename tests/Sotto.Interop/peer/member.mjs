// One member of one group, on ts-mls. Everything that crosses to another member is bytes.
//
// ts-mls takes a state and returns a state, so a refused message leaves the member as it was. What ts-mls lacks and RFC 9420
// needs is added around it, and only here: the private key of an own Update proposal, a commit that waits for the Delivery
// Service, external PSKs in a PrivateMessage, and the length prefix of external_pub.
import {
  createApplicationMessage, createCommit, createGroup, createProposal, joinGroup, joinGroupExternal, makePskIndex,
  mlsExporter, processPrivateMessage, processPublicMessage, bytesToBase64,
} from "ts-mls";
import { createGroupInfo } from "ts-mls/createCommit.js";
import { leafNodeTBSEncoder } from "ts-mls/leafNode.js";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { decodeVarLenData, varLenDataEncoder } from "ts-mls/codec/variableLength.js";
import { signWithLabel } from "ts-mls/crypto/signature.js";
import { makeResumptionPsk } from "ts-mls/resumption.js";
import { exactly, unwrap, unwrapTree, wrap, wrapTree } from "./wire.mjs";

export class Member {
  #pending;
  #ownUpdates = new Map();

  constructor(suite, state) {
    this.suite = suite;
    this.state = state;
  }

  /** A new group with one member. */
  static async create(suite, groupId, own, extensions = []) {
    return new Member(suite, await createGroup(groupId, own.publicPackage, own.privatePackage, extensions, suite));
  }

  /** Joins by Welcome. `psks` maps base64 PSK ids to secrets; `resumed` is the member of the old group of a branch or re-init. */
  static async join(suite, welcome, own, { tree, psks = {}, resumed } = {}) {
    const state = await joinGroup(
      unwrap(welcome, "mls_welcome"), own.publicPackage, own.privatePackage, makePskIndex(resumed?.state, psks), suite,
      tree === undefined ? undefined : unwrapTree(tree), resumed?.state,
    );
    return new Member(suite, state);
  }

  /** Joins by external commit: `{ member, commit }`, the commit as a PublicMessage. */
  static async joinExternally(suite, groupInfo, own, { tree, resync = false } = {}) {
    const info = unwrap(groupInfo, "mls_group_info");
    const { publicMessage, newState } = await joinGroupExternal(
      info, own.publicPackage, own.privatePackage, resync, withPrefixedExternalPub(suite, info),
      tree === undefined ? undefined : unwrapTree(tree),
    );
    return { member: new Member(suite, newState), commit: wrap("mls_public_message", publicMessage) };
  }

  /**
   * Commits all pending proposals of others and those given. The member stays in its epoch until `merge`.
   * Returns `{ commit, welcome?, tree }`; `tree` is the ratchet tree of the new epoch.
   */
  async commit({ proposals = [], asPublic = false, treeInWelcome = true, authenticatedData, psks = {}, pskState } = {}) {
    const made = await createCommit(
      { state: this.#withoutOwnUpdates(), cipherSuite: this.suite, pskIndex: makePskIndex(pskState ?? this.state, psks) },
      { extraProposals: proposals, wireAsPublicMessage: asPublic, ratchetTreeExtension: treeInWelcome, authenticatedData },
    );
    this.#pending = made.newState;
    return {
      commit: wrap(made.commit.wireformat, made.commit.publicMessage ?? made.commit.privateMessage),
      welcome: made.welcome === undefined ? undefined : wrap("mls_welcome", made.welcome),
      tree: wrapTree(made.newState.ratchetTree),
    };
  }

  get hasPending() {
    return this.#pending !== undefined;
  }

  /** The pending commit was accepted: enter its epoch. */
  merge() {
    if (this.#pending === undefined) throw new Error("no pending commit");
    this.#enter(this.#pending);
  }

  /** The pending commit lost the race: forget it. */
  discard() {
    if (this.#pending === undefined) throw new Error("no pending commit");
    this.#pending = undefined;
  }

  /** Sends a proposal; it is pending here too. */
  async propose(proposal, asPublic = false, authenticatedData) {
    const made = await createProposal(this.state, asPublic, proposal, this.suite, authenticatedData);
    this.state = made.newState;
    return wrap(made.message.wireformat, made.message.publicMessage ?? made.message.privateMessage);
  }

  /** Proposes a fresh encryption key for the own leaf and remembers its private half until the epoch ends. */
  async proposeUpdate(asPublic = false) {
    const { privateKey, publicKey } = await this.suite.hpke.generateKeyPair();
    const leafNode = await this.#signedLeaf(await this.suite.hpke.exportPublicKey(publicKey));
    const message = await this.propose({ proposalType: "update", update: { leafNode } }, asPublic);
    this.#ownUpdates.set(bytesToBase64(leafNode.hpkePublicKey), await this.suite.hpke.exportPrivateKey(privateKey));
    return message;
  }

  /** Opens and applies one message. Returns what it was: `{ kind: "application" | "proposal" | "commit", ... }`. */
  async process(bytes, psks = {}) {
    const message = unwrap(bytes);
    const state = this.#ownUpdates.size === 0 ? this.state : await this.#readyFor(message, psks);
    return this.#received(await this.#run(state, message, psks, "accept"));
  }

  /** Protects application data. ts-mls refuses while proposals are pending. */
  async send(data, authenticatedData) {
    const made = await createApplicationMessage(this.state, data, this.suite, authenticatedData);
    this.state = made.newState;
    return wrap("mls_private_message", made.privateMessage);
  }

  /** A signed GroupInfo of this epoch with external_pub as RFC 9420 §12.4.3.2 encodes it. */
  async groupInfo({ withTree = true } = {}) {
    const { publicKey } = await this.suite.hpke.deriveKeyPair(this.state.keySchedule.externalSecret);
    const key = encode(varLenDataEncoder)(await this.suite.hpke.exportPublicKey(publicKey));
    const extensions = [{ extensionType: "external_pub", extensionData: key }];
    if (withTree) extensions.push({ extensionType: "ratchet_tree", extensionData: this.tree });
    const { groupContext, confirmationTag } = this.state;
    return wrap("mls_group_info", await createGroupInfo(groupContext, confirmationTag, this.state, extensions, this.suite));
  }

  export(label, context, length) {
    return mlsExporter(this.state.keySchedule.exporterSecret, label, context, length, this.suite);
  }

  /** The PreSharedKey proposal that brings this group's resumption secret in, for `usage` application, reinit or branch. */
  resumptionProposal(usage, epoch) {
    const { id } = makeResumptionPsk(this.state, usage, this.suite);
    return { proposalType: "psk", psk: { preSharedKeyId: { ...id, pskEpoch: epoch ?? id.pskEpoch } } };
  }

  externalPskProposal(pskId) {
    const pskNonce = this.suite.rng.randomBytes(this.suite.kdf.size);
    return { proposalType: "psk", psk: { preSharedKeyId: { psktype: "external", pskId, pskNonce } } };
  }

  get tree() { return wrapTree(this.state.ratchetTree); }
  get epoch() { return this.state.groupContext.epoch; }
  get epochAuthenticator() { return this.state.keySchedule.epochAuthenticator; }
  get leafIndex() { return this.state.privatePath.leafIndex; }
  get activity() { return this.state.groupActiveState.kind; }

  /** Occupied leaves as `{ leafIndex, leaf }`. */
  get members() {
    return this.state.ratchetTree.flatMap((node, i) => (i % 2 === 0 && node !== undefined ? [{ leafIndex: i / 2, leaf: node.leaf }] : []));
  }

  async #run(state, message, psks, action) {
    let proposals;
    const watch = (incoming) => {
      if (incoming.kind === "commit") proposals = incoming.proposals;
      return action;
    };
    const dispatch = processorOf(message);
    try {
      const result = await dispatch(state, makePskIndex(state, psks), this.suite, watch);
      if (result.kind === "applicationMessage") return { kind: "application", data: result.message, state: result.newState };
      return { kind: proposals === undefined ? "proposal" : "commit", proposals, state: result.newState };
    } catch (error) {
      if (!this.#replacedBy(proposals, error)) throw error;
      return { kind: "commit", proposals, state: { ...state, unappliedProposals: {}, groupActiveState: { kind: "removedFromGroup" } } };
    }
  }

  // ts-mls sees its own removal only if its leaf is blank afterwards. When the same commit gives the leaf to somebody else, it
  // fails to find a key for the path instead, after it authenticated the message.
  #replacedBy(proposals, error) {
    return error.message.includes("No overlap")
      && proposals?.some(({ proposal: p }) => p.proposalType === "remove" && p.remove.removed === this.leafIndex);
  }

  #received({ kind, data, proposals, state }) {
    if (kind === "commit") this.#enter(state);
    else this.state = state;
    return { kind, data, proposals };
  }

  #enter(state) {
    this.state = state;
    this.#pending = undefined;
    this.#ownUpdates.clear();
  }

  // RFC 9420 §12.2: a committer does not include its own Update.
  #withoutOwnUpdates() {
    const kept = Object.entries(this.state.unappliedProposals)
      .filter(([, p]) => !(p.proposal.proposalType === "update" && p.senderLeafIndex === this.leafIndex));
    return { ...this.state, unappliedProposals: Object.fromEntries(kept) };
  }

  // Looks into the message first: if it commits the own Update, the new private key has to be in place.
  async #readyFor(message, psks) {
    const { proposals = [] } = await this.#run(this.state, message, psks, "reject");
    const own = proposals.find((p) => p.proposal.proposalType === "update" && p.senderLeafIndex === this.leafIndex);
    if (own === undefined) return this.state;
    const key = this.#ownUpdates.get(bytesToBase64(own.proposal.update.leafNode.hpkePublicKey));
    if (key === undefined) throw new Error("the private key of the own Update is gone");
    const { privatePath } = this.state;
    const privateKeys = { ...privatePath.privateKeys, [this.leafIndex * 2]: key };
    return { ...this.state, privatePath: { ...privatePath, privateKeys } };
  }

  async #signedLeaf(hpkePublicKey) {
    const { leaf } = this.state.ratchetTree[this.leafIndex * 2];
    const { credential, capabilities, signaturePublicKey, extensions } = leaf;
    const unsigned = { hpkePublicKey, credential, capabilities, signaturePublicKey, extensions, leafNodeSource: "update" };
    const signed = encode(leafNodeTBSEncoder)({ ...unsigned, groupId: this.state.groupContext.groupId, leafIndex: this.leafIndex });
    return { ...unsigned, signature: await signWithLabel(this.state.signaturePrivateKey, "LeafNodeTBS", signed, this.suite.signature) };
  }
}

// ts-mls reads external_pub as the bare key. RFC 9420 §12.4.3.2 has an HPKEPublicKey there, which is length-prefixed.
function withPrefixedExternalPub(suite, { extensions }) {
  const prefixed = extensions.find((e) => e.extensionType === "external_pub")?.extensionData;
  const importPublicKey = (bytes) =>
    suite.hpke.importPublicKey(bytes === prefixed ? exactly(decodeVarLenData, bytes, "external_pub") : bytes);
  return { ...suite, hpke: { ...suite.hpke, importPublicKey } };
}

// ts-mls's own processMessage drops the PSKs for a PrivateMessage, so the two functions are called by name.
function processorOf({ wireformat, publicMessage, privateMessage }) {
  if (wireformat === "mls_public_message") return (state, ...rest) => processPublicMessage(state, publicMessage, ...rest);
  if (wireformat === "mls_private_message") return (state, ...rest) => processPrivateMessage(state, privateMessage, ...rest);
  throw new Error(`a group does not process ${wireformat}`);
}

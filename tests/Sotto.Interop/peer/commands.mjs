// The peer's commands. A command takes named arguments and returns named results, bytes as base64 on both sides.
import { readFile } from "node:fs/promises";
import { proposeAddExternal } from "ts-mls";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { capabilitiesOf, extensionsOf, makeKeyPackage } from "./keyPackages.mjs";
import { Member } from "./member.mjs";
import { interopSuites, suiteId, suiteName, suiteOf } from "./suites.mjs";
import { unwrap, wrap } from "./wire.mjs";

const toText = (bytes) => Buffer.from(bytes).toString("base64");
const utf8 = (text) => new TextEncoder().encode(text);

export class Peer {
  #made = 0;
  #keyPackages = new Map();
  #groups = new Map();
  #psks = {};

  /** Runs one command; throws what the peer answers as `error`. */
  async run(name, args) {
    const command = Peer.#commands[name];
    if (command === undefined) throw new Error(`unknown command ${name}`);
    return command.call(this, args);
  }

  static #commands = {
    async hello() {
      const path = new URL("./node_modules/ts-mls/package.json", import.meta.url);
      const { version } = JSON.parse(await readFile(path, "utf8"));
      return { peer: "ts-mls", version, runtime: `node ${process.version}`, suites: interopSuites, commands: Object.keys(Peer.#commands) };
    },

    async keyPackage(args) {
      const { keyPackageId, own } = await this.#newKeyPackage(args);
      return { keyPackageId, keyPackage: toText(wrap("mls_key_package", own.publicPackage)) };
    },

    async createGroup(args) {
      const { own, suite } = await this.#newKeyPackage(args);
      const member = await Member.create(suite, bytes(args, "groupId"), own, extensionsIn(args.groupExtensions));
      return this.#admitted(member);
    },

    async join(args) {
      const welcome = bytes(args, "welcome");
      const { suite, own } = await this.#keyPackageFor(welcome, args.keyPackageId);
      const resumed = args.resumes === undefined ? undefined : this.#group(args.resumes);
      const tree = optionalBytes(args, "ratchetTree");
      return this.#admitted(await Member.join(suite, welcome, own, { tree, psks: this.#psks, resumed }));
    },

    async externalJoin(args) {
      const groupInfo = bytes(args, "groupInfo");
      const suite = suiteId(unwrap(groupInfo, "mls_group_info").groupContext.cipherSuite);
      const { own, suite: loaded } = args.keyPackageId === undefined
        ? await this.#newKeyPackage({ ...args, suite })
        : this.#keyPackage(args.keyPackageId);
      const { member, commit } = await Member.joinExternally(loaded, groupInfo, own, { tree: optionalBytes(args, "ratchetTree"), resync: args.resync });
      return { ...this.#admitted(member), commit: toText(commit) };
    },

    /** Somebody outside asks to be added: an Add from sender type new_member_proposal. */
    async proposeOwnAdd(args) {
      const groupInfo = unwrap(bytes(args, "groupInfo"), "mls_group_info");
      const { keyPackageId, suite, own } = await this.#newKeyPackage({ ...args, suite: suiteId(groupInfo.groupContext.cipherSuite) });
      const { publicMessage } = await proposeAddExternal(groupInfo, own.publicPackage, own.privatePackage, suite);
      return { keyPackageId, proposal: toText(wrap("mls_public_message", publicMessage)) };
    },

    async process(args) {
      const member = this.#group(args.group);
      const { kind, data, proposals } = await member.process(bytes(args, "message"), this.#psks);
      if (kind === "application") return { kind, plaintext: toText(data) };
      return { kind, proposals: proposals?.map(describe), ...view(member) };
    },

    async commit(args) {
      return this.#commit(args, (args.proposals ?? []).map((p) => this.#proposal(args.group, p)));
    },

    async update(args) {
      return this.#commit(args, []);
    },

    async add(args) {
      return this.#commit(args, args.keyPackages.map((keyPackage) => this.#proposal(args.group, { type: "add", keyPackage })));
    },

    async remove(args) {
      const leaves = args.leafIndices ?? [args.leafIndex];
      return this.#commit(args, leaves.map((leafIndex) => this.#proposal(args.group, { type: "remove", leafIndex })));
    },

    async merge(args) {
      const member = this.#group(args.group);
      member.merge();
      return view(member);
    },

    async discard(args) {
      const member = this.#group(args.group);
      member.discard();
      return view(member);
    },

    async proposeAdd(args) {
      return this.#propose(args, { type: "add", keyPackage: args.keyPackage });
    },

    async proposeRemove(args) {
      return this.#propose(args, { type: "remove", leafIndex: args.leafIndex });
    },

    async proposeUpdate(args) {
      return { proposal: toText(await this.#group(args.group).proposeUpdate(isPublic(args))) };
    },

    async proposePsk(args) {
      return this.#propose(args, { ...args, type: args.pskId === undefined ? "resumptionPsk" : "psk" });
    },

    async proposeGroupContextExtensions(args) {
      return this.#propose(args, { type: "groupContextExtensions", extensions: args.extensions });
    },

    async proposeReInit(args) {
      return this.#propose(args, { ...args, type: "reInit" });
    },

    async send(args) {
      const data = args.text === undefined ? bytes(args, "data") : utf8(args.text);
      return { message: toText(await this.#group(args.group).send(data, optionalBytes(args, "authenticatedData"))) };
    },

    async groupInfo(args) {
      const member = this.#group(args.group);
      return { groupInfo: toText(await member.groupInfo({ withTree: args.withTree })), ratchetTree: toText(member.tree) };
    },

    /** The first commit of a re-initialised group: this peer's old group must have committed or processed the ReInit. */
    async reInit(args) {
      const old = this.#group(args.group);
      const { reinit } = old.state.groupActiveState;
      if (reinit === undefined) throw new Error("the group is not waiting for a re-init");
      const { groupId, cipherSuite, extensions } = reinit;
      return this.#successor(old, args, "reinit", { groupId, suite: suiteId(cipherSuite), extensions });
    },

    async branch(args) {
      const old = this.#group(args.group);
      const { extensions, cipherSuite } = old.state.groupContext;
      return this.#successor(old, args, "branch", { groupId: bytes(args, "groupId"), suite: suiteId(cipherSuite), extensions });
    },

    async registerPsk(args) {
      this.#psks[toText(bytes(args, "pskId"))] = bytes(args, "psk");
      return {};
    },

    async export(args) {
      const secret = await this.#group(args.group).export(args.label, bytes(args, "context"), args.length);
      return { secret: toText(secret) };
    },

    async epochAuthenticator(args) {
      return { epochAuthenticator: toText(this.#group(args.group).epochAuthenticator) };
    },

    async members(args) {
      return { members: this.#group(args.group).members.map(describeLeaf) };
    },

    async info(args) {
      const member = this.#group(args.group);
      const { groupId, treeHash, confirmedTranscriptHash, cipherSuite } = member.state.groupContext;
      return {
        ...view(member), suite: suiteId(cipherSuite), leafIndex: member.leafIndex, groupId: toText(groupId),
        treeHash: toText(treeHash), confirmedTranscriptHash: toText(confirmedTranscriptHash), ratchetTree: toText(member.tree),
        pendingProposals: Object.keys(member.state.unappliedProposals).length, pendingCommit: member.hasPending,
      };
    },

    async forget(args) {
      this.#group(args.group);
      this.#groups.delete(args.group);
      return {};
    },
  };

  #group(id) {
    const member = this.#groups.get(id);
    if (member === undefined) throw new Error(`unknown group ${id}`);
    return member;
  }

  #keyPackage(id) {
    const found = this.#keyPackages.get(id);
    if (found === undefined) throw new Error(`unknown key package ${id}`);
    return found;
  }

  #admitted(member) {
    const group = `g${this.#made++}`;
    this.#groups.set(group, member);
    return { group, leafIndex: member.leafIndex, ...view(member) };
  }

  async #newKeyPackage(args) {
    const suite = await suiteOf(args.suite);
    const capabilities = capabilitiesOf(suite, args.capabilities);
    const lifetime = args.lifetime && { notBefore: BigInt(args.lifetime.notBefore), notAfter: BigInt(args.lifetime.notAfter) };
    const signatureKeys = args.sameKeyAs === undefined ? undefined : this.#keyPackage(args.sameKeyAs).own.signatureKeys;
    const own = await makeKeyPackage(suite, identityOf(args), {
      capabilities, lifetime, signatureKeys, extensions: extensionsIn(args.extensions), leafExtensions: extensionsIn(args.leafExtensions),
    });
    const keyPackageId = `k${this.#made++}`;
    this.#keyPackages.set(keyPackageId, { suite, own });
    return { keyPackageId, suite, own };
  }

  async #keyPackageFor(welcome, id) {
    if (id !== undefined) return this.#keyPackage(id);
    const wanted = new Set(unwrap(welcome, "mls_welcome").secrets.map((s) => toText(s.newMember)));
    for (const found of this.#keyPackages.values())
      if (wanted.has(toText(await makeKeyPackageRef(found.own.publicPackage, found.suite.hash)))) return found;
    throw new Error("the Welcome is for none of this peer's key packages");
  }

  async #commit(args, proposals, { psks = this.#psks, pskState } = {}) {
    const member = this.#group(args.group);
    const authenticatedData = optionalBytes(args, "authenticatedData");
    const made = await member.commit({ proposals, asPublic: isPublic(args), treeInWelcome: args.treeInWelcome, authenticatedData, psks, pskState });
    if (args.pending !== true) member.merge();
    return {
      commit: toText(made.commit), welcome: made.welcome && toText(made.welcome),
      ratchetTree: args.treeInWelcome === false ? toText(made.tree) : undefined, ...view(member),
    };
  }

  async #propose(args, description) {
    const proposal = this.#proposal(args.group, description);
    return { proposal: toText(await this.#group(args.group).propose(proposal, isPublic(args), optionalBytes(args, "authenticatedData"))) };
  }

  #proposal(group, p) {
    const member = this.#group(group);
    switch (p.type) {
      case "add": return { proposalType: "add", add: { keyPackage: unwrap(bytes(p, "keyPackage"), "mls_key_package") } };
      case "remove": return { proposalType: "remove", remove: { removed: p.leafIndex } };
      case "psk": return member.externalPskProposal(bytes(p, "pskId"));
      case "resumptionPsk": return member.resumptionProposal("application", p.epoch === undefined ? undefined : BigInt(p.epoch));
      case "groupContextExtensions":
        return { proposalType: "group_context_extensions", groupContextExtensions: { extensions: extensionsIn(p.extensions) } };
      case "reInit": {
        const cipherSuite = suiteName(p.suite);
        return { proposalType: "reinit", reinit: { groupId: bytes(p, "groupId"), version: "mls10", cipherSuite, extensions: extensionsIn(p.extensions) } };
      }
      default: throw new Error(`unknown proposal type ${p.type}`);
    }
  }

  // RFC 9420 §11.2 and §11.3: the new group's first commit adds everybody and brings in the old group's resumption secret.
  async #successor(old, args, usage, { groupId, suite: id, extensions }) {
    const { suite, own } = await this.#newKeyPackage({ ...args, suite: id });
    const created = this.#admitted(await Member.create(suite, groupId, own, extensions));
    const adds = args.keyPackages.map((keyPackage) => this.#proposal(created.group, { type: "add", keyPackage }));
    const psk = withNonceOf(suite, old.resumptionProposal(usage));
    const made = await this.#commit({ ...args, group: created.group }, [...adds, psk], { pskState: old.state });
    return { ...made, group: created.group };
  }
}

// RFC 9420 §8.4: the nonce is as long as the new group's KDF output, and a re-init may change the suite.
function withNonceOf(suite, { psk, ...proposal }) {
  const pskNonce = suite.rng.randomBytes(suite.kdf.size);
  return { ...proposal, psk: { preSharedKeyId: { ...psk.preSharedKeyId, pskNonce } } };
}

const isPublic = (args) => args.handshake === "public";
const extensionsIn = (list) => extensionsOf(list?.map((e) => ({ type: e.type, data: bytes(e, "data") })));

function bytes(args, name) {
  const value = args[name];
  if (typeof value !== "string") throw new Error(`${name} is missing`);
  const decoded = new Uint8Array(Buffer.from(value, "base64"));
  if (toText(decoded) !== value) throw new Error(`${name} is not base64`);
  return decoded;
}

const optionalBytes = (args, name) => (args[name] === undefined ? undefined : bytes(args, name));

function identityOf(args) {
  if (args.identity !== undefined) return utf8(args.identity);
  return bytes(args, "identityBytes");
}

function view(member) {
  const { epoch, epochAuthenticator, activity } = member;
  return { epoch: Number(epoch), epochAuthenticator: toText(epochAuthenticator), activity };
}

function describe({ proposal, senderLeafIndex }) {
  return { type: proposal.proposalType, sender: senderLeafIndex };
}

function describeLeaf({ leafIndex, leaf }) {
  return {
    leafIndex,
    identity: leaf.credential.identity === undefined ? undefined : toText(leaf.credential.identity),
    signatureKey: toText(leaf.signaturePublicKey),
    encryptionKey: toText(leaf.hpkePublicKey),
    source: leaf.leafNodeSource,
  };
}

// A group of ts-mls members, and one witness whose view becomes a passive-client vector.
import { bytesToBase64 } from "ts-mls";
import { makeKeyPackage } from "../keyPackages.mjs";
import { Member } from "../member.mjs";
import { wrap } from "../wire.mjs";
import { wireId } from "./forms.mjs";
import { ascii, fresh, nativeSignatureKey, same, toHex } from "./hex.mjs";

export const adding = (made) => ({ proposalType: "add", add: { keyPackage: made.publicPackage } });
export const removing = (leafIndex) => ({ proposalType: "remove", remove: { removed: leafIndex } });

export class Crew {
  #made = 0;
  #recording;

  constructor(suite) {
    this.suite = suite;
    /** Members that can act, the witness not among them. */
    this.active = [];
    this.psks = {};
  }

  /** `size` members; `warm` has each of them commit once, so that no parent is blank. */
  static async of(suite, size, { warm = false } = {}) {
    const crew = new Crew(suite);
    crew.active = [await Member.create(suite, fresh(16), await crew.newcomer())];
    if (size > 1) await crew.commit(crew.active[0], { newcomers: await crew.newcomers(size - 1) });
    if (warm) for (const member of [...crew.active]) await crew.commit(member);
    return crew;
  }

  newcomer() {
    return makeKeyPackage(this.suite, ascii(`member ${this.#made++}`));
  }

  newcomers(count) {
    return Promise.all(Array.from({ length: count }, () => this.newcomer()));
  }

  get witness() {
    return this.#recording?.witness;
  }

  /** A new external PSK that everybody knows; returns its id. */
  newPsk() {
    const id = fresh(16);
    this.psks[bytesToBase64(id)] = fresh(this.suite.kdf.size);
    return id;
  }

  /** Adds the witness in a commit of `by` and starts to record. */
  async startRecording(by, { treeInWelcome = true, proposals = [], asPublic = true, newcomers = [] } = {}) {
    const own = await this.newcomer();
    const made = await this.commit(by, { proposals: [...proposals, adding(own)], newcomers, asPublic, treeInWelcome });
    const tree = treeInWelcome ? undefined : made.tree;
    const witness = await Member.join(this.suite, made.welcome, own, { tree, psks: this.psks });
    same("the witness's first epoch", witness.epochAuthenticator, by.epochAuthenticator);
    this.#recording = { own, welcome: made.welcome, tree, witness, first: toHex(witness.epochAuthenticator), epochs: [], proposals: [] };
  }

  /** A proposal of `by` for everybody. */
  async propose(by, proposal, asPublic) {
    await this.#deliver(proposal === "update" ? await by.proposeUpdate(asPublic) : await by.propose(proposal, asPublic), by);
  }

  /** A commit of `by` for everybody; `newcomers` are key packages that it adds and that then join. */
  async commit(by, { proposals = [], newcomers = [], asPublic = false, treeInWelcome = true } = {}) {
    const all = [...newcomers.map(adding), ...proposals];
    const made = await by.commit({ proposals: all, asPublic, treeInWelcome, psks: this.psks });
    await this.#deliver(made.commit, by);
    by.merge();
    await this.#welcome(made, newcomers, by);
    this.#closeEpoch(made.commit, by);
    return made;
  }

  /** Somebody joins by external commit; `instead` is a member who comes back under the same signature key. */
  async externalJoin({ instead, own, tree = false } = {}) {
    const through = this.active.find((m) => m !== instead);
    const made = own ?? (await this.newcomer());
    const options = { resync: instead !== undefined, tree: tree ? through.tree : undefined };
    const joined = await Member.joinExternally(this.suite, await through.groupInfo({ withTree: !tree }), made, options);
    if (instead !== undefined) this.active = this.active.filter((m) => m !== instead);
    await this.#deliver(joined.commit, joined.member);
    this.active.push(joined.member);
    this.#closeEpoch(joined.commit, joined.member);
  }

  /** The passive-client vector of what the witness saw. */
  vector() {
    const { own, welcome, tree, first, epochs } = this.#recording;
    const { initPrivateKey, hpkePrivateKey, signaturePrivateKey } = own.privatePackage;
    return {
      cipher_suite: wireId,
      external_psks: Object.entries(this.psks).map(([id, psk]) => ({ psk_id: toHex(Buffer.from(id, "base64")), psk: toHex(psk) })),
      key_package: toHex(wrap("mls_key_package", own.publicPackage)),
      signature_priv: toHex(nativeSignatureKey(signaturePrivateKey)),
      encryption_priv: toHex(hpkePrivateKey),
      init_priv: toHex(initPrivateKey),
      welcome: toHex(welcome),
      ratchet_tree: tree === undefined ? null : toHex(tree),
      initial_epoch_authenticator: first,
      epochs,
    };
  }

  async #deliver(bytes, from) {
    for (const member of this.active.filter((m) => m !== from)) await member.process(bytes, this.psks);
    this.active = this.active.filter((m) => m.activity === "active");
    if (this.witness === undefined) return;
    const { kind } = await this.witness.process(bytes, this.psks);
    if (kind === "proposal") this.#recording.proposals.push(toHex(bytes));
  }

  // ts-mls refuses some valid trees with unmerged leaves. Whoever it does not let in stays a leaf that nobody acts for.
  async #welcome({ welcome, tree }, newcomers, by) {
    for (const own of newcomers) {
      const joined = await Member.join(this.suite, welcome, own, { tree, psks: this.psks }).catch((error) => {
        if (!error.message.includes("unmerged_leaves")) throw error;
      });
      if (joined === undefined) continue;
      same("a newcomer's epoch", joined.epochAuthenticator, by.epochAuthenticator);
      this.active.push(joined);
    }
  }

  #closeEpoch(commit, by) {
    for (const member of this.active) same("a member's epoch", member.epochAuthenticator, by.epochAuthenticator);
    if (this.witness === undefined) return;
    same("the witness's epoch", this.witness.epochAuthenticator, by.epochAuthenticator);
    const { epochs, proposals } = this.#recording;
    epochs.push({ proposals: proposals.splice(0), commit: toHex(commit), epoch_authenticator: toHex(by.epochAuthenticator) });
  }
}

// ts-mls in Node. node tsmls.mjs --suite 0x53 --sizes 2,10,100,1000 --warm 2,10,100 [--quick]
import {
  ciphersuites, createApplicationMessage, createCommit, createGroup, acceptAll, decodeMlsMessage, defaultLifetime,
  emptyPskIndex, encodeMlsMessage, generateKeyPackage, getCiphersuiteFromName, getCiphersuiteImpl, joinGroup, processMessage,
} from "ts-mls";
import { benchGroups } from "./groupBench.mjs";
import { options, printer } from "./rows.mjs";
import { versionOf } from "./versions.mjs";

const chosen = options({ suite: "0x53" });
const name = Object.keys(ciphersuites).find((key) => ciphersuites[key] === chosen.suite);
const suite = await getCiphersuiteImpl(getCiphersuiteFromName(name));
// ts-mls's own default has GREASE by chance, so sizes would differ from run to run.
const capabilities = { versions: ["mls10"], ciphersuites: [name], extensions: [], proposals: [], credentials: ["basic"] };
const encode = (wireformat, field, value) => encodeMlsMessage({ version: "mls10", wireformat, [field]: value });
const decode = (bytes) => decodeMlsMessage(bytes, 0)[0];

class Client {
  #latest;

  constructor(text) {
    this.identity = new TextEncoder().encode(text);
  }

  async #fresh() {
    const credential = { credentialType: "basic", identity: this.identity };
    return generateKeyPackage(credential, capabilities, defaultLifetime, [], suite);
  }

  async keyPackage() {
    this.#latest = await this.#fresh();
    return encode("mls_key_package", "keyPackage", this.#latest.publicPackage);
  }

  async create() {
    this.#latest ??= await this.#fresh();
    const { publicPackage, privatePackage } = this.#latest;
    return new Group(await createGroup(crypto.getRandomValues(new Uint8Array(16)), publicPackage, privatePackage, [], suite));
  }

  async join(welcome) {
    const { publicPackage, privatePackage } = this.#latest;
    return new Group(await joinGroup(decode(welcome).welcome, publicPackage, privatePackage, emptyPskIndex, suite));
  }
}

class Group {
  constructor(state) {
    this.state = state;
  }

  async add(keyPackages) {
    const extraProposals = keyPackages.map((bytes) => ({ proposalType: "add", add: { keyPackage: decode(bytes).keyPackage } }));
    const made = await this.#commit({ extraProposals, ratchetTreeExtension: true });
    return { commit: encodeMlsMessage(made.commit), welcome: encode("mls_welcome", "welcome", made.welcome) };
  }

  async update() {
    return encodeMlsMessage((await this.#commit({})).commit);
  }

  async remove({ identity }) {
    const node = this.state.ratchetTree.findIndex((n) => n?.nodeType === "leaf" && Buffer.compare(n.leaf.credential.identity, identity) === 0);
    return encodeMlsMessage((await this.#commit({ extraProposals: [{ proposalType: "remove", remove: { removed: node / 2 } }] })).commit);
  }

  async process(bytes) {
    const result = await processMessage(decode(bytes), this.state, emptyPskIndex, acceptAll, suite);
    this.state = result.newState;
    return result.message;
  }

  async protect(data) {
    const made = await createApplicationMessage(this.state, data, suite);
    this.state = made.newState;
    return encode("mls_private_message", "privateMessage", made.privateMessage);
  }

  unprotect(bytes) {
    return this.process(bytes);
  }

  async #commit(what) {
    const made = await createCommit({ state: this.state, cipherSuite: suite }, what);
    this.state = made.newState;
    return made;
  }
}

const shared = { peer: "ts-mls", version: await versionOf("ts-mls"), runtime: `node ${process.version}`, suite: name };
await benchGroups((text) => new Client(text), chosen, printer(shared));

// core-crypto (OpenMLS inside) with its store in memory. node coreCrypto.mjs --suite 1 --sizes 2,10,100,1000 [--quick]
import { randomUUID } from "node:crypto";
import { loadCoreCrypto } from "./coreCryptoBuild.mjs";
import { benchGroups } from "./groupBench.mjs";
import { options, printer } from "./rows.mjs";
import { versionOf } from "./versions.mjs";

const chosen = options();
const { module: cc, runtime } = await loadCoreCrypto();
let devices = 0n;

class Client {
  static async start() {
    const client = new Client();
    client.id = new cc.ClientId(new cc.Uuid(randomUUID()), new cc.DeviceId(++devices), "example.org");
    client.sent = [];
    client.core = cc.CoreCrypto.new(await cc.Database.inMemory());
    client.credential = await client.run(async (context) => {
      await context.mlsInit(client.id, client.#transport());
      return context.addCredential(cc.Credential.basic(chosen.suite, client.id));
    });
    return client;
  }

  run(action) {
    return this.core.transaction(action);
  }

  keyPackage() {
    return this.run(async (context) => (await context.generateKeyPackage(this.credential)).serialize());
  }

  async create() {
    const id = new cc.ConversationId(crypto.getRandomValues(new Uint8Array(16)));
    await this.run((context) => context.createConversation(id, this.credential));
    return new Group(this, id);
  }

  async join(welcome) {
    return new Group(this, await this.run((context) => context.processWelcomeMessage(new cc.Welcome(welcome))));
  }

  // A commit leaves through here; accepting it is what merges it.
  #transport() {
    return {
      sendCommitBundle: async ({ commit, welcome }) => void this.sent.push({ commit, welcome: welcome?.serialize() }),
      prepareForTransport: async () => new Uint8Array(),
    };
  }
}

class Group {
  constructor(client, id) {
    this.client = client;
    this.id = id;
  }

  add(keyPackages) {
    const parsed = keyPackages.map((bytes) => new cc.KeyPackage(bytes));
    return this.#commit((context) => context.addClientsToConversation(this.id, parsed));
  }

  async update() {
    return (await this.#commit((context) => context.updateKeyingMaterial(this.id))).commit;
  }

  async remove({ id }) {
    return (await this.#commit((context) => context.removeClientsFromConversation(this.id, [id]))).commit;
  }

  process(bytes) {
    return this.client.run((context) => context.decryptMessage(this.id, bytes));
  }

  protect(data) {
    return this.client.run((context) => context.encryptMessage(this.id, data));
  }

  unprotect(bytes) {
    return this.process(bytes);
  }

  async #commit(action) {
    await this.client.run(action);
    return this.client.sent.pop();
  }
}

const names = {
  1: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
  2: "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
  3: "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
  4: "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448",
  5: "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
  6: "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
  7: "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
};
const shared = { peer: "core-crypto", version: await versionOf("@wireapp/core-crypto"), runtime, suite: names[chosen.suite] };
await benchGroups(() => Client.start(), chosen, printer(shared));
process.exit(0); // the runtime keeps a timer of its own

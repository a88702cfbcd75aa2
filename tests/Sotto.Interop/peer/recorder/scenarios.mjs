// welcome.json, passive-client-welcome.json, passive-client-handling-commit.json and passive-client-random.json
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";
import { removeLeafNode } from "ts-mls/ratchetTree.js";
import { leafWidth } from "ts-mls/treemath.js";
import { bytesToBase64 } from "ts-mls";
import { sha256 } from "@noble/hashes/sha2.js";
import { makeKeyPackage } from "../keyPackages.mjs";
import { Member } from "../member.mjs";
import { unwrap, wrap } from "../wire.mjs";
import { adding, Crew, removing } from "./crew.mjs";
import { wireId } from "./forms.mjs";
import { ascii, fresh, fromHex, holds, same, toHex } from "./hex.mjs";

export const welcome = {
  record: (suite) => Promise.all([true, false].map(async (treeInWelcome) => {
    const [alice, bob] = await Promise.all(["Alice", "Bob"].map((name) => makeKeyPackage(suite, ascii(name))));
    const group = await Member.create(suite, fresh(16), alice);
    const made = await group.commit({ proposals: [adding(bob)], treeInWelcome });
    return {
      cipher_suite: wireId,
      init_priv: toHex(bob.privatePackage.initPrivateKey),
      signer_pub: toHex(alice.signatureKeys.publicKey),
      key_package: toHex(wrap("mls_key_package", bob.publicPackage)),
      welcome: toHex(made.welcome),
    };
  })),

  async check(suite, v) {
    const message = unwrap(fromHex(v.welcome), "mls_welcome");
    const ref = await makeKeyPackageRef(unwrap(fromHex(v.key_package), "mls_key_package"), suite.hash);
    const key = await suite.hpke.importPrivateKey(fromHex(v.init_priv));
    const { joinerSecret } = await decryptGroupSecrets(key, ref, message, suite.hpke);
    const noPsk = new Uint8Array(suite.kdf.size);
    const info = await decryptGroupInfo(message, joinerSecret, noPsk, suite);
    holds("GroupInfo signature", await verifyGroupInfoSignature(info, fromHex(v.signer_pub), suite.signature));
    holds("confirmation tag", await verifyGroupInfoConfirmationTag(info, joinerSecret, noPsk, suite));
  },
};

/** Joins and follows every commit. */
async function checkPassive(suite, v) {
  const own = {
    publicPackage: unwrap(fromHex(v.key_package), "mls_key_package"),
    privatePackage: {
      initPrivateKey: fromHex(v.init_priv), hpkePrivateKey: fromHex(v.encryption_priv), signaturePrivateKey: fromHex(v.signature_priv),
    },
  };
  await checkKeys(suite, own);
  const psks = Object.fromEntries(v.external_psks.map((p) => [bytesToBase64(fromHex(p.psk_id)), fromHex(p.psk)]));
  const tree = v.ratchet_tree === null ? undefined : fromHex(v.ratchet_tree);
  const client = await Member.join(suite, fromHex(v.welcome), own, { tree, psks });
  same("initial epoch", client.epochAuthenticator, v.initial_epoch_authenticator);
  for (const [i, epoch] of v.epochs.entries()) {
    for (const proposal of epoch.proposals) await client.process(fromHex(proposal), psks);
    await client.process(fromHex(epoch.commit), psks);
    same(`epoch ${i}`, client.epochAuthenticator, epoch.epoch_authenticator);
  }
}

async function checkKeys({ hpke, signature }, { publicPackage, privatePackage }) {
  const { initKey, leafNode } = publicPackage;
  for (const [pub, priv] of [[initKey, privatePackage.initPrivateKey], [leafNode.hpkePublicKey, privatePackage.hpkePrivateKey]]) {
    const { enc, ct } = await hpke.seal(await hpke.importPublicKey(pub), ascii("pair"), fresh(0));
    same("HPKE key pair", await hpke.open(await hpke.importPrivateKey(priv), enc, ct, fresh(0)), ascii("pair"));
  }
  const signed = await signature.sign(privatePackage.signaturePrivateKey, ascii("pair"));
  holds("signature key pair", await signature.verify(leafNode.signaturePublicKey, ascii("pair"), signed));
}

async function recorded(crew, steps = async () => {}) {
  await steps();
  return crew.vector();
}

export const passiveWelcome = {
  check: checkPassive,

  // Every mix of: few or some members, tree in the Welcome or beside it, with or without a PSK, with or without a path.
  async record(suite) {
    const vectors = [];
    for (const { size, ...options } of joins) vectors.push(await recordJoin(suite, size, options));
    return vectors;
  },
};

const joins = [
  { size: 1, treeInWelcome: true },
  { size: 1, treeInWelcome: false, psk: true },
  { size: 3, treeInWelcome: true, warm: true },
  { size: 3, treeInWelcome: false, warm: true, psk: true, path: true },
  { size: 5, treeInWelcome: true, warm: true, path: true },
  { size: 5, treeInWelcome: false, psk: true },
  { size: 4, treeInWelcome: true, warm: true, others: 2 },
  { size: 7, treeInWelcome: true, warm: true },
];

async function recordJoin(suite, size, { treeInWelcome, warm, psk, path, others = 0 }) {
  const crew = await Crew.of(suite, size, { warm });
  const [by] = crew.active;
  const proposals = [];
  if (psk) proposals.push(by.externalPskProposal(crew.newPsk()));
  if (path) proposals.push(removing(crew.active[1].leafIndex));
  await crew.startRecording(by, { treeInWelcome, proposals, newcomers: await crew.newcomers(others) });
  return recorded(crew);
}

/** One epoch of each kind of commit, after an epoch with a path, in public and in private messages. */
const commits = {
  "empty": (crew, asPublic) => crew.commit(crew.active[0], { asPublic }),
  "add by value": async (crew, asPublic) => crew.commit(crew.active[0], { asPublic, newcomers: [await crew.newcomer()] }),
  "add by reference": async (crew, asPublic) => {
    const made = await crew.newcomer();
    await crew.propose(crew.active[1], adding(made), asPublic);
    await crew.commit(crew.active[0], { asPublic });
  },
  "remove by value": (crew, asPublic) => crew.commit(crew.active[0], { asPublic, proposals: [removing(crew.active[1].leafIndex)] }),
  "remove by reference": async (crew, asPublic) => {
    await crew.propose(crew.active[2], removing(crew.active[1].leafIndex), asPublic);
    await crew.commit(crew.active[0], { asPublic });
  },
  "update": async (crew, asPublic) => {
    await crew.propose(crew.active[1], "update", asPublic);
    await crew.commit(crew.active[0], { asPublic });
  },
  "external PSK by value": (crew, asPublic) =>
    crew.commit(crew.active[0], { asPublic, proposals: [crew.active[0].externalPskProposal(crew.newPsk())] }),
  "external PSK by reference": async (crew, asPublic) => {
    await crew.propose(crew.active[1], crew.active[1].externalPskProposal(crew.newPsk()), asPublic);
    await crew.commit(crew.active[0], { asPublic });
  },
  "resumption PSK": (crew, asPublic) => {
    const [by] = crew.active;
    return crew.commit(by, { asPublic, proposals: [by.resumptionProposal("application", by.epoch - 1n)] });
  },
  "everything": async (crew, asPublic) => {
    const [by, leaver, updater] = crew.active;
    await crew.propose(updater, "update", asPublic);
    await crew.propose(updater, removing(leaver.leafIndex), asPublic);
    await crew.propose(updater, updater.externalPskProposal(crew.newPsk()), asPublic);
    await crew.commit(by, { asPublic, newcomers: await crew.newcomers(2) });
  },
};

const externalCommits = {
  "external join": (crew) => crew.externalJoin(),
  "external join, then its first commit": async (crew) => {
    await crew.externalJoin({ tree: true });
    await crew.commit(crew.active.at(-1), { asPublic: false });
  },
  "external join in place of a member": async (crew) => {
    const leaver = crew.active[1];
    const own = await makeKeyPackage(crew.suite, ascii("back again"), { signatureKeys: keysOf(leaver) });
    await crew.externalJoin({ instead: leaver, own });
  },
};

const keysOf = ({ state, leafIndex }) => ({
  signKey: state.signaturePrivateKey,
  publicKey: state.ratchetTree[leafIndex * 2].leaf.signaturePublicKey,
});

export const passiveCommits = {
  check: checkPassive,

  async record(suite) {
    const vectors = [];
    for (const asPublic of [true, false])
      for (const run of Object.values(commits)) vectors.push(await recordCommit(suite, (crew) => run(crew, asPublic), asPublic));
    for (const run of Object.values(externalCommits)) vectors.push(await recordCommit(suite, run, true));
    return vectors;
  },
};

async function recordCommit(suite, run, asPublic) {
  const crew = await Crew.of(suite, 3);
  await crew.startRecording(crew.active[0]);
  await crew.commit(crew.active[1], { asPublic });
  return recorded(crew, () => run(crew));
}

const randomRuns = [
  { seed: "a small group", start: 2, most: 5, epochs: 8 },
  { seed: "a larger group", start: 5, most: 10, epochs: 10 },
];

export const passiveRandom = {
  check: checkPassive,

  async record(suite) {
    const vectors = [];
    for (const run of randomRuns) vectors.push(await recordRandom(suite, run));
    return vectors;
  },
};

async function recordRandom(suite, { seed, start, most, epochs }) {
  const choose = new Chooser(seed);
  const crew = await Crew.of(suite, start, { warm: true });
  await crew.startRecording(choose.from(crew.active));
  for (let i = 0; i < epochs; i++) await randomEpoch(crew, choose, most);
  return crew.vector();
}

async function randomEpoch(crew, choose, most) {
  const committer = choose.from(crew.active);
  const others = crew.active.filter((m) => m !== committer);
  const asPublic = choose.below(2) === 0;
  if (choose.below(8) === 0 && committer.members.length < most) return crew.externalJoin();
  const leaver = others.length > 1 && choose.below(3) === 0 ? choose.from(others) : undefined;
  const removal = leaver !== undefined && keepsLeftHalf(committer, leaver.leafIndex) ? leaver : undefined;
  const updater = choose.below(2) === 0 ? others.find((m) => m !== removal) : undefined;
  if (updater !== undefined) await crew.propose(updater, "update", asPublic);
  if (removal !== undefined) await crew.propose(committer, removing(removal.leafIndex), asPublic);
  const proposals = choose.below(4) === 0 ? [committer.externalPskProposal(crew.newPsk())] : [];
  const room = most - committer.members.length;
  const newcomers = await crew.newcomers(room > 0 ? choose.below(Math.min(room, 2) + 1) : 0);
  await crew.commit(committer, { proposals, newcomers, asPublic });
}

// With an empty left half of the tree ts-mls derives the commit secret one step too far, for a root that no path node has.
function keepsLeftHalf({ state }, removed) {
  const tree = removeLeafNode(state.ratchetTree, removed);
  const half = leafWidth(tree.length) / 2;
  return tree.some((node, i) => i % 2 === 0 && i / 2 < half && node !== undefined);
}

// The shape of a run depends on its name alone; keys are as random as ever.
class Chooser {
  #state;

  constructor(seed) {
    this.#state = sha256(ascii(seed));
  }

  below(limit) {
    this.#state = sha256(this.#state);
    return new DataView(this.#state.buffer, this.#state.byteOffset).getUint32(0) % limit;
  }

  from(list) {
    return list[this.below(list.length)];
  }
}

// treekem.json, tree-validation.json and tree-operations.json
import { applyUpdatePathSecret } from "ts-mls/createCommit.js";
import { verifyLeafNodeSignature } from "ts-mls/leafNode.js";
import { verifyParentHashes } from "ts-mls/parentHash.js";
import { getCommitSecret } from "ts-mls/pathSecrets.js";
import { toPrivateKeyPath } from "ts-mls/privateKeyPath.js";
import { decodeProposal, encodeProposal } from "ts-mls/proposal.js";
import { addLeafNode, removeLeafNode, resolution, updateLeafNode } from "ts-mls/ratchetTree.js";
import { treeHash, treeHashRoot } from "ts-mls/treeHash.js";
import { applyUpdatePath, createUpdatePath, decodeUpdatePath, encodeUpdatePath } from "ts-mls/updatePath.js";
import { exactly, unwrapTree, wrapTree } from "../wire.mjs";
import { wireId } from "./forms.mjs";
import { fresh, fromHex, holds, nativeSignatureKey, same, toHex } from "./hex.mjs";
import { contextOf } from "./schedule.mjs";
import { TreeBuilder } from "./treeBuilder.mjs";

// The trees of test-vectors.md as far as an X-Wing tree stays small: full, trailing blanks, inner blanks, unmerged leaves.
const shapes = {
  "2 leaves": (suite) => TreeBuilder.grown(suite, 2),
  "3 leaves": (suite) => TreeBuilder.grown(suite, 3),
  "4 leaves": (suite) => TreeBuilder.grown(suite, 4),
  "5 leaves": (suite) => TreeBuilder.grown(suite, 5),
  "8 leaves, 2 and 3 removed, one added": async (suite) => {
    const tree = await TreeBuilder.grown(suite, 8);
    await tree.commit(0, { remove: [2, 3], add: 1 });
    return tree;
  },
  "8 leaves, 1, 2 and 3 removed": async (suite) => {
    const tree = await TreeBuilder.grown(suite, 8);
    await tree.commit(0, { remove: [1, 2, 3] });
    return tree;
  },
  "7 leaves, one added and unmerged": async (suite) => {
    const tree = await TreeBuilder.grown(suite, 7);
    await tree.add();
    return tree;
  },
};

const contextBefore = (suite, groupId, epoch, transcript) =>
  // createUpdatePath encrypts for the epoch after the one it is given; the vector names the epoch of the encryption.
  contextOf(suite, groupId, BigInt(epoch) - 1n, fresh(0), transcript);

export const treekem = {
  record: async (suite) => Promise.all(Object.values(shapes).map(async (grow) => recordPaths(await grow(suite)))),

  async check(suite, v) {
    const tree = unwrapTree(fromHex(v.ratchet_tree));
    const groupId = fromHex(v.group_id);
    const transcript = fromHex(v.confirmed_transcript_hash);
    const privates = await Promise.all(v.leaves_private.map((leaf) => privateState(suite, tree, leaf)));
    for (const u of v.update_paths) {
      const path = exactly(decodeUpdatePath, fromHex(u.update_path), "UpdatePath");
      await checkPath(suite, { tree, groupId, transcript, epoch: v.epoch, privates }, path, u);
      const before = contextBefore(suite, groupId, v.epoch, transcript);
      const signer = v.leaves_private.find((leaf) => leaf.index === u.sender);
      const [newTree, again, secrets] = await createUpdatePath(tree, u.sender, before, fromHex(signer.signature_priv), suite);
      const last = secrets.at(-1);
      await checkPath(suite, { tree, groupId, transcript, epoch: v.epoch, privates }, again,
        { sender: u.sender, commit_secret: toHex(await getCommitSecret(newTree, last.nodeIndex, last.secret, suite.kdf)) });
    }
  },
};

async function recordPaths(grown) {
  const { suite, tree, groupId } = grown;
  const epoch = 28061;
  const transcript = fresh(suite.kdf.size);
  const leaves = grown.leaves;
  const update_paths = [];
  for (const { index: sender, signKey } of leaves) {
    const [after, path, secrets] = await createUpdatePath(tree, sender, contextBefore(suite, groupId, epoch, transcript), signKey, suite);
    const last = secrets.at(-1);
    update_paths.push({
      sender,
      update_path: toHex(encodeUpdatePath(path)),
      path_secrets: grown.slots.map((leaf, index) => (leaf === undefined || index === sender ? null : toHex(secretFor(index, secrets)))),
      commit_secret: toHex(await getCommitSecret(after, last.nodeIndex, last.secret, suite.kdf)),
      tree_hash_after: toHex(await treeHashRoot(after, suite.hash)),
    });
  }
  return {
    cipher_suite: wireId,
    group_id: toHex(groupId),
    epoch,
    confirmed_transcript_hash: toHex(transcript),
    ratchet_tree: toHex(wrapTree(tree)),
    leaves_private: leaves.map((leaf) => ({
      index: leaf.index,
      encryption_priv: toHex(leaf.encryptionKey),
      signature_priv: toHex(nativeSignatureKey(leaf.signKey)),
      path_secrets: [...leaf.pathSecrets].map(([node, secret]) => ({ node, path_secret: toHex(secret) })),
    })),
    update_paths,
  };
}

const secretFor = (leaf, secrets) => TreeBuilder.secretAbove(leaf, secrets).secret;

async function privateState(suite, tree, leaf) {
  const secrets = Object.fromEntries(leaf.path_secrets.map((p) => [p.node, fromHex(p.path_secret)]));
  const { privateKeys } = await toPrivateKeyPath(secrets, leaf.index, suite);
  privateKeys[leaf.index * 2] = fromHex(leaf.encryption_priv);
  for (const [node, key] of Object.entries(privateKeys)) {
    const at = tree[node];
    holds(`leaf ${leaf.index} has a key for blank node ${node}`, at !== undefined);
    await holdsPair(suite, key, (at.parent ?? at.leaf).hpkePublicKey);
  }
  return { leafIndex: leaf.index, privateKeys };
}

async function holdsPair({ hpke }, privateKey, publicKey) {
  const message = fresh(8);
  const { enc, ct } = await hpke.seal(await hpke.importPublicKey(publicKey), message, fresh(0));
  same("key pair", await hpke.open(await hpke.importPrivateKey(privateKey), enc, ct, fresh(0)), message);
}

async function checkPath(suite, { tree, groupId, transcript, epoch, privates }, path, expected) {
  const { sender } = expected;
  const after = await applyUpdatePath(tree, sender, path, suite.hash);
  holds("parent hashes", await verifyParentHashes(after, suite.hash));
  holds("leaf signature", await verifyLeafNodeSignature(path.leafNode, groupId, sender, suite.signature));
  const hash = await treeHashRoot(after, suite.hash);
  if (expected.tree_hash_after !== undefined) same("tree_hash_after", hash, expected.tree_hash_after);
  const context = contextOf(suite, groupId, epoch, hash, transcript);
  for (const own of privates.filter((p) => p.leafIndex !== sender)) {
    // Against the tree before the path is merged, as RFC 9420 §7.6 takes resolutions there.
    const { nodeIndex, pathSecret } = await applyUpdatePathSecret(tree, own, sender, context, path, [], suite);
    if (expected.path_secrets !== undefined) same("path secret", pathSecret, expected.path_secrets[own.leafIndex]);
    same("commit_secret", await getCommitSecret(after, nodeIndex, pathSecret, suite.kdf), expected.commit_secret);
  }
}

export const treeValidation = {
  record: async (suite) => Promise.all(Object.values(shapes).map(async (grow) => {
    const { tree, groupId } = await grow(suite);
    return {
      cipher_suite: wireId,
      tree: toHex(wrapTree(tree)),
      group_id: toHex(groupId),
      resolutions: tree.map((_, node) => resolution(tree, node)),
      tree_hashes: await Promise.all(tree.map(async (_, node) => toHex(await treeHash(tree, node, suite.hash)))),
    };
  })),

  async check(suite, v) {
    const tree = unwrapTree(fromHex(v.tree));
    for (const [node, expected] of v.tree_hashes.entries()) {
      same(`hash of node ${node}`, await treeHash(tree, node, suite.hash), expected);
      holds(`resolution of node ${node}`, resolution(tree, node).join() === v.resolutions[node].join());
    }
    holds("parent hashes", await verifyParentHashes(tree, suite.hash));
    for (const [node, entry] of tree.entries())
      if (entry?.nodeType === "leaf")
        holds(`signature of node ${node}`, await verifyLeafNodeSignature(entry.leaf, fromHex(v.group_id), node / 2, suite.signature));
  },
};

export const treeOperations = {
  async record(suite) {
    const grown = await TreeBuilder.grown(suite, 4);
    const [added, spare] = [await grown.newcomer(), await grown.newcomer()];
    const holed = { tree: removeLeafNode(grown.tree, 1) };
    const update = { proposalType: "update", update: { leafNode: await grown.updatedLeaf(2) } };
    const add = (made) => ({ proposalType: "add", add: { keyPackage: made.publicPackage } });
    const remove = (removed) => ({ proposalType: "remove", remove: { removed } });
    return Promise.all([
      operation(suite, grown.tree, add(added), 0),
      operation(suite, holed.tree, add(spare), 0),
      operation(suite, grown.tree, update, 2),
      operation(suite, grown.tree, remove(1), 0),
      operation(suite, grown.tree, remove(3), 0),
    ]);
  },

  async check(suite, v) {
    const before = unwrapTree(fromHex(v.tree_before));
    const proposal = exactly(decodeProposal, fromHex(v.proposal), "Proposal");
    const again = await operation(suite, before, proposal, v.proposal_sender);
    for (const name of ["tree_hash_before", "tree_after", "tree_hash_after"]) same(name, again[name], v[name]);
  },
};

async function operation(suite, tree, proposal, sender) {
  const after = applied(tree, proposal, sender);
  return {
    cipher_suite: wireId,
    tree_before: toHex(wrapTree(tree)),
    proposal: toHex(encodeProposal(proposal)),
    proposal_sender: sender,
    tree_hash_before: toHex(await treeHashRoot(tree, suite.hash)),
    tree_after: toHex(wrapTree(after)),
    tree_hash_after: toHex(await treeHashRoot(after, suite.hash)),
  };
}

function applied(tree, proposal, sender) {
  switch (proposal.proposalType) {
    case "add": return addLeafNode(tree, proposal.add.keyPackage.leafNode)[0];
    case "update": return updateLeafNode(tree, proposal.update.leafNode, sender);
    case "remove": return removeLeafNode(tree, proposal.remove.removed);
    default: throw new Error(`no tree operation: ${proposal.proposalType}`);
  }
}


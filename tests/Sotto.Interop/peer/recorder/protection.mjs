// secret-tree.json and message-protection.json
import { createContentCommitSignature } from "ts-mls/framedContent.js";
import { decodeCommit, encodeCommit } from "ts-mls/commit.js";
import { decodeProposal, encodeProposal } from "ts-mls/proposal.js";
import { protect, protectApplicationData, protectProposal, unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { protectProposalPublic, protectPublicMessage, unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { createSecretTree, deriveKey, deriveNonce, ratchetUntil } from "ts-mls/secretTree.js";
import { expandSenderDataKey, expandSenderDataNonce } from "ts-mls/sender.js";
import { defaultKeyRetentionConfig, defaultPaddingConfig } from "ts-mls";
import { exactly, unwrap, wrap } from "../wire.mjs";
import { wireId } from "./forms.mjs";
import { fresh, fromHex, nativeSignatureKey, nothing, same, toHex } from "./hex.mjs";
import { contextOf } from "./schedule.mjs";

const generations = [0, 15];

export const secretTree = {
  async record(suite) {
    return Promise.all([1, 8, 32].map(async (leaves) => {
      const encryption = fresh(suite.kdf.size);
      const sender = { secret: fresh(suite.kdf.size), ciphertext: fresh(80) };
      return {
        cipher_suite: wireId,
        sender_data: await senderData(suite, sender.secret, sender.ciphertext),
        encryption_secret: toHex(encryption),
        leaves: await leafKeys(suite, encryption, Array(leaves).fill(generations)),
      };
    }));
  },

  async check(suite, v) {
    const { sender_data_secret: secret, ciphertext, key, nonce } = v.sender_data;
    const data = await senderData(suite, fromHex(secret), fromHex(ciphertext));
    same("sender data key", data.key, key);
    same("sender data nonce", data.nonce, nonce);
    const keys = await leafKeys(suite, fromHex(v.encryption_secret), v.leaves.map((leaf) => leaf.map((g) => g.generation)));
    for (const [i, leaf] of v.leaves.entries())
      for (const [j, expected] of leaf.entries())
        for (const name of Object.keys(expected).filter((n) => n !== "generation")) same(`leaf ${i} ${name}`, keys[i][j][name], expected[name]);
  },
};

async function senderData(suite, secret, ciphertext) {
  return {
    sender_data_secret: toHex(secret),
    ciphertext: toHex(ciphertext),
    key: toHex(await expandSenderDataKey(suite, secret, ciphertext)),
    nonce: toHex(await expandSenderDataNonce(suite, secret, ciphertext)),
  };
}

async function leafKeys(suite, encryptionSecret, wanted) {
  const tree = await createSecretTree(wanted.length, encryptionSecret, suite.kdf);
  return Promise.all(wanted.map((list, leaf) => Promise.all(list.map(async (generation) => {
    const [handshake, application] = await Promise.all(
      ["handshake", "application"].map((kind) => keysAt(suite, tree[leaf * 2][kind], generation)));
    return {
      generation,
      handshake_key: handshake.key, handshake_nonce: handshake.nonce,
      application_key: application.key, application_nonce: application.nonce,
    };
  }))));
}

async function keysAt(suite, ratchet, generation) {
  const [{ secret }] = await ratchetUntil(ratchet, generation, defaultKeyRetentionConfig, suite.kdf);
  return { key: toHex(await deriveKey(secret, generation, suite)), nonce: toHex(await deriveNonce(secret, generation, suite)) };
}

// test-vectors.md: the sender is always leaf 1 of 2.
const sender = 1;

export const messageProtection = {
  async record(suite) {
    const { signKey, publicKey } = await suite.signature.keygen();
    const names = ["tree_hash", "confirmed_transcript_hash", "encryption_secret", "sender_data_secret", "membership_key"];
    const secrets = Object.fromEntries(names.map((name) => [name, fresh(suite.kdf.size)]));
    const group = { suite, signKey, context: contextOf(suite, fresh(32), 1184274, secrets.tree_hash, secrets.confirmed_transcript_hash), ...secrets };
    const proposal = { proposalType: "remove", remove: { removed: 2 } };
    const commit = { proposals: [{ proposalOrRefType: "proposal", proposal }], path: undefined };
    const application = fresh(42);
    return [{
      cipher_suite: wireId,
      group_id: toHex(group.context.groupId),
      epoch: Number(group.context.epoch),
      ...Object.fromEntries(names.map((name) => [name, toHex(secrets[name])])),
      signature_priv: toHex(nativeSignatureKey(signKey)),
      signature_pub: toHex(publicKey),
      proposal: toHex(encodeProposal(proposal)),
      proposal_pub: toHex(await proposalPublic(group, proposal)),
      proposal_priv: toHex(await proposalPrivate(group, proposal)),
      commit: toHex(encodeCommit(commit)),
      commit_pub: toHex(await commitMessage(group, commit, "mls_public_message")),
      commit_priv: toHex(await commitMessage(group, commit, "mls_private_message")),
      application: toHex(application),
      application_priv: toHex(await applicationPrivate(group, application)),
    }];
  },

  async check(suite, v) {
    const context = contextOf(suite, fromHex(v.group_id), v.epoch, fromHex(v.tree_hash), fromHex(v.confirmed_transcript_hash));
    const group = { suite, context, signKey: fromHex(v.signature_priv) };
    for (const name of ["encryption_secret", "sender_data_secret", "membership_key"]) group[name] = fromHex(v[name]);
    const pub = fromHex(v.signature_pub);
    const proposal = exactly(decodeProposal, fromHex(v.proposal), "Proposal");
    const commit = exactly(decodeCommit, fromHex(v.commit), "Commit");
    for (const bytes of [fromHex(v.proposal_pub), await proposalPublic(group, proposal)])
      same("proposal_pub", encodeProposal((await openPublic(group, bytes, pub)).proposal), v.proposal);
    for (const bytes of [fromHex(v.proposal_priv), await proposalPrivate(group, proposal)])
      same("proposal_priv", encodeProposal((await openPrivate(group, bytes, pub)).proposal), v.proposal);
    for (const bytes of [fromHex(v.commit_pub), await commitMessage(group, commit, "mls_public_message")])
      same("commit_pub", encodeCommit((await openPublic(group, bytes, pub)).commit), v.commit);
    for (const bytes of [fromHex(v.commit_priv), await commitMessage(group, commit, "mls_private_message")])
      same("commit_priv", encodeCommit((await openPrivate(group, bytes, pub)).commit), v.commit);
    for (const bytes of [fromHex(v.application_priv), await applicationPrivate(group, fromHex(v.application))])
      same("application_priv", (await openPrivate(group, bytes, pub)).applicationData, v.application);
  },
};

const treeOfTwo = (group) => createSecretTree(2, group.encryption_secret, group.suite.kdf);

async function proposalPublic({ suite, signKey, membership_key, context }, proposal) {
  const made = await protectProposalPublic(signKey, membership_key, context, nothing, proposal, sender, suite);
  return wrap("mls_public_message", made.publicMessage);
}

async function proposalPrivate(group, proposal) {
  const { suite, signKey, sender_data_secret: secret, context } = group;
  const made = await protectProposal(signKey, secret, proposal, nothing, context, await treeOfTwo(group), sender, defaultPaddingConfig, suite);
  return wrap("mls_private_message", made.privateMessage);
}

async function applicationPrivate(group, data) {
  const { suite, signKey, sender_data_secret: secret, context } = group;
  const made = await protectApplicationData(signKey, secret, data, nothing, context, await treeOfTwo(group), sender, defaultPaddingConfig, suite);
  return wrap("mls_private_message", made.privateMessage);
}

async function commitMessage(group, commit, wireformat) {
  const { suite, signKey, context } = group;
  const { framedContent: content, signature } = await createContentCommitSignature(
    context, wireformat, commit, { senderType: "member", leafIndex: sender }, nothing, signKey, suite.signature);
  const auth = { contentType: "commit", signature, confirmationTag: fresh(suite.kdf.size) };
  if (wireformat === "mls_public_message")
    return wrap(wireformat, await protectPublicMessage(group.membership_key, context, { wireformat, content, auth }, suite));
  const made = await protect(
    group.sender_data_secret, nothing, context, await treeOfTwo(group), { ...content, auth }, sender, defaultPaddingConfig, suite);
  return wrap(wireformat, made.privateMessage);
}

async function openPublic({ suite, membership_key, context }, bytes, publicKey) {
  const message = unwrap(bytes, "mls_public_message");
  return (await unprotectPublicMessage(membership_key, context, [], message, suite, publicKey)).content;
}

async function openPrivate(group, bytes, publicKey) {
  const message = unwrap(bytes, "mls_private_message");
  const opened = await unprotectPrivateMessage(
    group.sender_data_secret, message, await treeOfTwo(group), [], group.context, defaultKeyRetentionConfig, group.suite, publicKey);
  return opened.content.content;
}

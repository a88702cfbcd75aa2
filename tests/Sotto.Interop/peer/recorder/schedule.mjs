// key-schedule.json, psk_secret.json and transcript-hashes.json
import { mlsExporter } from "ts-mls";
import { decodeAuthenticatedContent, encodeAuthenticatedContent } from "ts-mls/authenticatedContent.js";
import { createConfirmationTag, createContentCommitSignature } from "ts-mls/framedContent.js";
import { encodeGroupContext } from "ts-mls/groupContext.js";
import { initializeEpoch } from "ts-mls/keySchedule.js";
import { computePskSecret } from "ts-mls/presharedkey.js";
import { createConfirmedHash, createInterimHash } from "ts-mls/transcriptHash.js";
import { exactly } from "../wire.mjs";
import { wireId } from "./forms.mjs";
import { fresh, fromHex, nothing, same, toHex } from "./hex.mjs";

/** A GroupContext (RFC 9420 §8.1) without extensions, as most of the vectors use it. */
export const contextOf = (suite, groupId, epoch, treeHash, confirmedTranscriptHash) => ({
  version: "mls10", cipherSuite: suite.name, groupId, epoch: BigInt(epoch), treeHash, confirmedTranscriptHash, extensions: [],
});

export const keySchedule = {
  async record(suite) {
    const groupId = fresh(16);
    const initial = fresh(suite.kdf.size);
    const epochs = [];
    for (let epoch = 0, init = initial; epoch < 5; epoch++) {
      const chosen = Object.fromEntries(chosenNames.map((name) => [name, fresh(suite.kdf.size)]));
      if (epoch === 2) chosen.psk_secret.fill(0);
      const computed = await computeEpoch(suite, groupId, epoch, init, chosen, await chosenExport());
      epochs.push({ ...hexed(chosen), ...computed });
      init = fromHex(computed.init_secret);
    }
    return [{ cipher_suite: wireId, group_id: toHex(groupId), initial_init_secret: toHex(initial), epochs }];
  },

  async check(suite, v) {
    let init = fromHex(v.initial_init_secret);
    for (const [epoch, e] of v.epochs.entries()) {
      const chosen = Object.fromEntries(chosenNames.map((name) => [name, fromHex(e[name])]));
      const { label, context, length } = e.exporter;
      const computed = await computeEpoch(suite, fromHex(v.group_id), epoch, init, chosen, { label, context, length });
      for (const name of Object.keys(computed).filter((n) => n !== "exporter")) same(name, computed[name], e[name]);
      same("exporter", computed.exporter.secret, e.exporter.secret);
      init = fromHex(e.init_secret);
    }
  },
};

const chosenNames = ["tree_hash", "commit_secret", "psk_secret", "confirmed_transcript_hash"];
const chosenExport = async () => ({ label: toHex(fresh(16)), context: toHex(fresh(32)), length: 48 });
const hexed = (values) => Object.fromEntries(Object.entries(values).map(([name, bytes]) => [name, toHex(bytes)]));

async function computeEpoch(suite, groupId, epoch, init, chosen, { label, context, length }) {
  const groupContext = contextOf(suite, groupId, epoch, chosen.tree_hash, chosen.confirmed_transcript_hash);
  const made = await initializeEpoch(init, chosen.commit_secret, groupContext, chosen.psk_secret, suite.kdf);
  const s = made.keySchedule;
  const { publicKey } = await suite.hpke.deriveKeyPair(s.externalSecret);
  const exported = await mlsExporter(s.exporterSecret, label, fromHex(context), length, suite);
  return {
    group_context: toHex(encodeGroupContext(groupContext)),
    ...hexed({
      joiner_secret: made.joinerSecret, welcome_secret: made.welcomeSecret, init_secret: s.initSecret,
      sender_data_secret: s.senderDataSecret, encryption_secret: made.encryptionSecret, exporter_secret: s.exporterSecret,
      epoch_authenticator: s.epochAuthenticator, external_secret: s.externalSecret, confirmation_key: s.confirmationKey,
      membership_key: s.membershipKey, resumption_psk: s.resumptionPsk,
      external_pub: await suite.hpke.exportPublicKey(publicKey),
    }),
    exporter: { label, context, length, secret: toHex(exported) },
  };
}

export const pskSecret = {
  async record(suite) {
    return Promise.all([0, 1, 2, 3, 10].map(async (count) => {
      const psks = Array.from({ length: count }, () => hexed({ psk_id: fresh(32), psk: fresh(32), psk_nonce: fresh(suite.kdf.size) }));
      return { cipher_suite: wireId, psks, psk_secret: toHex(await pskSecretOf(suite, psks)) };
    }));
  },

  async check(suite, v) {
    same("psk_secret", await pskSecretOf(suite, v.psks), v.psk_secret);
  },
};

const pskSecretOf = (suite, psks) =>
  computePskSecret(psks.map((p) => [{ psktype: "external", pskId: fromHex(p.psk_id), pskNonce: fromHex(p.psk_nonce) }, fromHex(p.psk)]), suite);

export const transcriptHashes = {
  async record(suite) {
    const before = fresh(suite.kdf.size);
    const key = fresh(suite.kdf.size);
    const context = contextOf(suite, fresh(16), 0x3456, fresh(suite.kdf.size), fresh(suite.kdf.size));
    const commit = { proposals: [{ proposalOrRefType: "proposal", proposal: { proposalType: "remove", remove: { removed: 3 } } }] };
    const { signKey } = await suite.signature.keygen();
    const { framedContent: content, signature } = await createContentCommitSignature(
      context, "mls_public_message", commit, { senderType: "member", leafIndex: 0 }, nothing, signKey, suite.signature);
    const confirmed = await createConfirmedHash(before, { wireformat: "mls_public_message", content, signature }, suite.hash);
    const confirmationTag = await createConfirmationTag(key, confirmed, suite.hash);
    return [{
      cipher_suite: wireId,
      confirmation_key: toHex(key),
      authenticated_content: toHex(encodeAuthenticatedContent(
        { wireformat: "mls_public_message", content, auth: { contentType: "commit", signature, confirmationTag } })),
      interim_transcript_hash_before: toHex(before),
      confirmed_transcript_hash_after: toHex(confirmed),
      interim_transcript_hash_after: toHex(await createInterimHash(confirmed, confirmationTag, suite.hash)),
    }];
  },

  async check(suite, v) {
    const { wireformat, content, auth } = exactly(decodeAuthenticatedContent, fromHex(v.authenticated_content), "AuthenticatedContent");
    const input = { wireformat, content, signature: auth.signature };
    const confirmed = await createConfirmedHash(fromHex(v.interim_transcript_hash_before), input, suite.hash);
    same("confirmed", confirmed, v.confirmed_transcript_hash_after);
    same("tag", await createConfirmationTag(fromHex(v.confirmation_key), confirmed, suite.hash), auth.confirmationTag);
    same("interim", await createInterimHash(confirmed, auth.confirmationTag, suite.hash), v.interim_transcript_hash_after);
  },
};

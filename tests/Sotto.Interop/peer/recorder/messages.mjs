// messages.json: every field has to decode and encode again to the same bytes.
import { encodeCommit, decodeCommit } from "ts-mls/commit.js";
import { decodeGroupSecrets, encodeGroupSecrets } from "ts-mls/groupSecrets.js";
import * as proposals from "ts-mls/proposal.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { makeKeyPackage } from "../keyPackages.mjs";
import { Member } from "../member.mjs";
import { exactly, unwrap, wrap } from "../wire.mjs";
import { ascii, fresh, fromHex, same, toHex } from "./hex.mjs";

const adding = (made) => ({ proposalType: "add", add: { keyPackage: made.publicPackage } });

export async function record(suite) {
  const [alice, bob, charlie] = await Promise.all(["Alice", "Bob", "Charlie"].map((name) => makeKeyPackage(suite, ascii(name))));
  const group = await Member.create(suite, fresh(16), alice);
  const first = await group.commit({ proposals: [adding(bob)] });
  group.merge();
  const joined = await Member.join(suite, first.welcome, bob);
  const updateMessage = await joined.proposeUpdate(true);
  const { content } = unwrap(updateMessage, "mls_public_message");
  const second = await joined.commit({ asPublic: true });
  const secret = () => fresh(suite.kdf.size);
  const psk = group.externalPskProposal(ascii("a PSK"));
  const { kemOutput } = await externalInit(group, charlie);
  return [{
    mls_welcome: toHex(first.welcome),
    mls_group_info: toHex(await group.groupInfo()),
    mls_key_package: toHex(wrap("mls_key_package", charlie.publicPackage)),
    ratchet_tree: toHex(group.tree),
    group_secrets: toHex(encodeGroupSecrets({ joinerSecret: secret(), pathSecret: secret(), psks: [psk.psk.preSharedKeyId] })),
    add_proposal: toHex(proposals.encodeAdd({ keyPackage: charlie.publicPackage })),
    update_proposal: toHex(proposals.encodeUpdate(content.proposal.update)),
    remove_proposal: toHex(proposals.encodeRemove({ removed: 1 })),
    pre_shared_key_proposal: toHex(proposals.encodePSK(psk.psk)),
    re_init_proposal: toHex(proposals.encodeReinit({ groupId: fresh(16), version: "mls10", cipherSuite: suite.name, extensions: [] })),
    external_init_proposal: toHex(proposals.encodeExternalInit({ kemOutput })),
    group_context_extensions_proposal: toHex(proposals.encodeGroupContextExtensions(
      { extensions: [{ extensionType: 0xff00, extensionData: fresh(12) }] })),
    commit: toHex(encodeCommit(unwrap(second.commit, "mls_public_message").content.commit)),
    public_message_application: toHex(publicApplication(content, secret())),
    public_message_proposal: toHex(updateMessage),
    public_message_commit: toHex(second.commit),
    private_message: toHex(await group.send(ascii("hello"))),
  }];
}

async function externalInit(group, own) {
  const { commit } = await Member.joinExternally(group.suite, await group.groupInfo(), own);
  return unwrap(commit, "mls_public_message").content.commit.proposals[0].proposal.externalInit;
}

// No implementation sends this; the file's shape asks for its syntax.
function publicApplication({ groupId, epoch, sender, authenticatedData }, membershipTag) {
  return wrap("mls_public_message", {
    content: { groupId, epoch, sender, authenticatedData, contentType: "application", applicationData: ascii("never in public") },
    auth: { contentType: "application", signature: fresh(64) },
    senderType: "member",
    membershipTag,
  });
}

const bareCodecs = {
  ratchet_tree: [decodeRatchetTree, encodeRatchetTree],
  group_secrets: [decodeGroupSecrets, encodeGroupSecrets],
  add_proposal: [proposals.decodeAdd, proposals.encodeAdd],
  update_proposal: [proposals.decodeUpdate, proposals.encodeUpdate],
  remove_proposal: [proposals.decodeRemove, proposals.encodeRemove],
  pre_shared_key_proposal: [proposals.decodePSK, proposals.encodePSK],
  re_init_proposal: [proposals.decodeReinit, proposals.encodeReinit],
  external_init_proposal: [proposals.decodeExternalInit, proposals.encodeExternalInit],
  group_context_extensions_proposal: [proposals.decodeGroupContextExtensions, proposals.encodeGroupContextExtensions],
  commit: [decodeCommit, encodeCommit],
};

export async function check(_suite, v) {
  for (const [name, hex] of Object.entries(v)) {
    const [decode, encode] = bareCodecs[name] ?? [decodeMlsMessage, encodeMlsMessage];
    same(name, encode(exactly(decode, fromHex(hex), name)), hex);
  }
}

// libsignal's Node build: messages only. node signal.mjs [--quick]
// Two devices with PQXDH and the Triple Ratchet, one way and by turns; and sender keys, which its groups use.
import { randomUUID } from "node:crypto";
import { options, pace, printer, repeat, Times } from "./rows.mjs";
import { SignalParty } from "./signalParty.mjs";
import { versionOf } from "./versions.mjs";

const keep = pace(options().quick);
const many = { ...keep, most: keep.most * 5 };
const payload = new Uint8Array(1024).fill(65);
const shared = { peer: "libsignal", version: await versionOf("@signalapp/libsignal-client"), runtime: `native in node ${process.version}` };
const rowsOf = (suite) => printer({ ...shared, suite });

await session(rowsOf("PQXDH"));
const [alice, bob] = await talking();
await oneWay(alice, bob, rowsOf("Triple Ratchet, one way"));
await byTurns(alice, bob, rowsOf("Triple Ratchet, by turns"));
await senderKeys(alice, bob, rowsOf("sender keys"));

/** Key agreement with the first message, from both sides. */
async function session(print) {
  const [bundles, starts, joins] = [new Times(), new Times(), new Times()];
  let first;
  await repeat(keep, async () => {
    const [from, to] = [new SignalParty(), new SignalParty()];
    const bundle = await bundles.time(() => to.bundle());
    first = await starts.time(async () => (await from.start(to, bundle), from.encrypt(to, payload)));
    await joins.time(() => to.decryptFirst(from, first));
  });
  print(1, "key_package", bundles);
  print(2, "session_start", starts, first.length);
  print(2, "session_accept", joins, first.length);
}

async function talking() {
  const [from, to] = [new SignalParty(), new SignalParty()];
  await from.start(to, await to.bundle());
  await to.decryptFirst(from, await from.encrypt(to, payload));
  await from.decrypt(to, await to.encrypt(from, payload));
  return [from, to];
}

async function oneWay(from, to, print) {
  await measure(print, () => from.encrypt(to, payload), (bytes) => to.decrypt(from, bytes));
}

// Every message turns the ratchet; both directions count.
async function byTurns(one, other, print) {
  let [from, to] = [one, other];
  await measure(print, () => from.encrypt(to, payload), async (bytes) => {
    await to.decrypt(from, bytes);
    [from, to] = [to, from];
  });
}

async function senderKeys(from, to, print) {
  const group = randomUUID();
  await to.acceptSenderKey(from, await from.newSenderKey(group));
  await measure(print, () => from.encryptToGroup(group, payload), (bytes) => to.decryptFromGroup(from, bytes));
}

async function measure(print, protect, unprotect) {
  const [protects, unprotects] = [new Times(), new Times()];
  let bytes;
  for (let i = 0; i < 10; i++) await unprotect(await protect());
  await repeat(many, async () => {
    const message = await protects.time(protect);
    await unprotects.time(() => unprotect(message));
    bytes = message.length;
  });
  print(2, "protect_1k", protects, bytes);
  print(2, "unprotect_1k", unprotects, bytes);
}

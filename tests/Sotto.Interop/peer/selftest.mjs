// Two peer processes talk over raw bytes: every suite, both directions, every command. Prints "N passed, N failed".
import { PeerProcess } from "./peerProcess.mjs";

const b64 = (text) => Buffer.from(text).toString("base64");
const left = new PeerProcess();
const right = new PeerProcess();
const { version, suites, commands } = await left.run("hello");
const used = new Set(["hello"]);
let passed = 0;
let failed = 0;

for (const suite of suites)
  for (const [direction, a, b] of [["left creates", left, right], ["right creates", right, left]])
    for (const [name, test] of Object.entries(tests())) {
      try {
        await test(suite, counting(a), counting(b));
        passed++;
      } catch (error) {
        failed++;
        console.log(`suite ${suite}, ${direction}, ${name}: ${error.stack}`);
      }
    }
const unused = commands.filter((c) => !used.has(c));
if (unused.length > 0) console.log(`not run: ${unused.join(", ")}`);
left.end();
right.end();
console.log(`ts-mls ${version}, suites ${suites.join(", ")}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && unused.length === 0 ? 0 : 1;

function counting(peer) {
  const noting = (call) => (cmd, args) => (used.add(cmd), call.call(peer, cmd, args));
  return { run: noting(peer.run), ask: noting(peer.ask) };
}

function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** Alice's group on one peer, Bob in it on the other: `{ alice, bob }` as group handles. */
async function pair(suite, a, b, options = {}) {
  const { group: alice } = await a.run("createGroup", { suite, groupId: b64(`group ${Math.random()}`), identity: "Alice" });
  const { keyPackage } = await b.run("keyPackage", { suite, identity: "Bob" });
  const made = await a.run("add", { group: alice, keyPackages: [keyPackage], ...options });
  const joined = await b.run("join", { welcome: made.welcome, ratchetTree: made.ratchetTree });
  check(joined.epochAuthenticator === made.epochAuthenticator, "both are in the same epoch");
  return { alice, bob: joined.group };
}

async function together(a, alice, b, bob) {
  const [x, y] = [await a.run("epochAuthenticator", { group: alice }), await b.run("epochAuthenticator", { group: bob })];
  check(x.epochAuthenticator === y.epochAuthenticator, "both have the same epoch authenticator");
  const exported = await Promise.all([[a, alice], [b, bob]].map(([p, group]) => p.run("export", { group, label: "test", context: b64("c"), length: 24 })));
  check(exported[0].secret === exported[1].secret, "both export the same");
}

async function chat(from, sender, to, receiver, text) {
  const { message } = await from.run("send", { group: sender, text, authenticatedData: b64("ad") });
  const { kind, plaintext } = await to.run("process", { group: receiver, message });
  check(kind === "application" && plaintext === b64(text), "the text arrives");
}

function tests() {
  return {
    async "messages both ways, tree beside the Welcome"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b, { treeInWelcome: false });
      await chat(a, alice, b, bob, "hello Bob");
      await chat(b, bob, a, alice, "hello Alice 👋");
      await together(a, alice, b, bob);
    },

    async "updates, adds and removes in private and public"(suite, a, b) {
      for (const handshake of ["private", "public"]) {
        const { alice, bob } = await pair(suite, a, b, { handshake });
        const update = await b.run("update", { group: bob, handshake });
        check((await a.run("process", { group: alice, message: update.commit })).kind === "commit", "a commit");
        const carol = await a.run("keyPackage", { suite, identity: "Carol" });
        const added = await b.run("add", { group: bob, keyPackages: [carol.keyPackage], handshake });
        await a.run("process", { group: alice, message: added.commit });
        const carols = await a.run("join", { welcome: added.welcome, keyPackageId: carol.keyPackageId });
        const removal = await a.run("remove", { group: alice, leafIndices: [carols.leafIndex], handshake });
        await b.run("process", { group: bob, message: removal.commit });
        const gone = await a.run("process", { group: carols.group, message: removal.commit });
        check(gone.activity === "removedFromGroup", "Carol sees that she is out");
        check((await b.run("members", { group: bob })).members.length === 2, "two are left");
        await together(a, alice, b, bob);
        await a.run("forget", { group: carols.group });
      }
    },

    async "proposals by reference"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b);
      const { keyPackage } = await a.run("keyPackage", { suite, identity: "Carol" });
      for (const [cmd, args] of [["proposeUpdate", {}], ["proposeAdd", { keyPackage }]]) {
        const { proposal } = await b.run(cmd, { group: bob, handshake: "public", ...args });
        check((await a.run("process", { group: alice, message: proposal })).kind === "proposal", "a proposal");
      }
      const made = await a.run("commit", { group: alice });
      const { proposals } = await b.run("process", { group: bob, message: made.commit });
      check(proposals.map((p) => p.type).join() === "update,add", "both are committed");
      const carol = await a.run("join", { welcome: made.welcome });
      const { proposal } = await a.run("proposeRemove", { group: carol.group, leafIndex: 2 });
      await b.run("process", { group: bob, message: proposal });
      await a.run("process", { group: alice, message: proposal });
      const out = await b.run("commit", { group: bob });
      await a.run("process", { group: alice, message: out.commit });
      await together(a, alice, b, bob);
    },

    async "a lost race"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b);
      const lost = await a.run("update", { group: alice, pending: true });
      const won = await b.run("update", { group: bob, pending: true });
      check((await a.run("info", { group: alice })).pendingCommit, "a commit is pending");
      await a.run("discard", { group: alice });
      await b.run("merge", { group: bob });
      await a.run("process", { group: alice, message: won.commit });
      check((await b.ask("process", { group: bob, message: lost.commit })).error !== undefined, "the loser's commit is refused");
      await together(a, alice, b, bob);
    },

    async "external and resumption PSKs"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b);
      const psk = { pskId: b64("which"), psk: b64("a secret that both know") };
      for (const peer of [a, b]) await peer.run("registerPsk", psk);
      const byValue = await a.run("commit", { group: alice, proposals: [{ type: "psk", pskId: psk.pskId }] });
      await b.run("process", { group: bob, message: byValue.commit });
      for (const args of [{ pskId: psk.pskId }, {}]) {
        const { proposal } = await b.run("proposePsk", { group: bob, ...args });
        await a.run("process", { group: alice, message: proposal });
      }
      const byReference = await a.run("commit", { group: alice });
      await b.run("process", { group: bob, message: byReference.commit });
      await together(a, alice, b, bob);
    },

    async "an external join, and one in place of a member"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b);
      const { groupInfo } = await a.run("groupInfo", { group: alice });
      const carol = await b.run("keyPackage", { suite, identity: "Carol" });
      const joined = await b.run("externalJoin", { groupInfo, keyPackageId: carol.keyPackageId });
      for (const [peer, group] of [[a, alice], [b, bob]]) await peer.run("process", { group, message: joined.commit });
      const bare = await a.run("groupInfo", { group: alice, withTree: false });
      const back = await b.run("externalJoin", { ...bare, identity: "Carol", sameKeyAs: carol.keyPackageId, resync: true });
      for (const [peer, group] of [[a, alice], [b, bob]]) await peer.run("process", { group, message: back.commit });
      check((await a.run("members", { group: alice })).members.length === 3, "three members");
      await together(a, alice, b, back.group);
      await chat(b, back.group, a, alice, "back");
    },

    async "a stranger's own Add"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b);
      const { groupInfo } = await a.run("groupInfo", { group: alice });
      const { proposal, keyPackageId } = await b.run("proposeOwnAdd", { groupInfo, identity: "Carol" });
      for (const [peer, group] of [[a, alice], [b, bob]]) await peer.run("process", { group, message: proposal });
      const made = await a.run("commit", { group: alice });
      await b.run("process", { group: bob, message: made.commit });
      const carol = await b.run("join", { welcome: made.welcome, keyPackageId });
      await together(a, alice, b, carol.group);
    },

    async "a branch and a re-init"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b);
      const forBranch = await b.run("keyPackage", { suite, identity: "Bob" });
      const branch = await a.run("branch", { group: alice, groupId: b64("branch"), identity: "Alice", keyPackages: [forBranch.keyPackage] });
      const branched = await b.run("join", { welcome: branch.welcome, resumes: bob });
      await together(a, branch.group, b, branched.group);
      const reInit = { groupId: b64("new life"), suite };
      const { proposal } = await b.run("proposeReInit", { group: bob, ...reInit });
      await a.run("process", { group: alice, message: proposal });
      const last = await a.run("commit", { group: alice });
      check((await b.run("process", { group: bob, message: last.commit })).activity === "suspendedPendingReinit", "the old group is closed");
      const forNew = await b.run("keyPackage", { suite, identity: "Bob" });
      const first = await a.run("reInit", { group: alice, identity: "Alice", keyPackages: [forNew.keyPackage] });
      const moved = await b.run("join", { welcome: first.welcome, resumes: bob });
      await together(a, first.group, b, moved.group);
    },

    async "chosen capabilities, extensions and lifetime"(suite, a, b) {
      const grease = { cipherSuites: [0x0a0a, 0xf002], extensions: [0x1a1a, 0xff00], proposals: [0x2a2a], credentials: [1, 0x3a3a] };
      const { group } = await a.run("createGroup", {
        suite, groupId: b64("greased"), identity: "Alice", capabilities: grease, groupExtensions: [{ type: 0xff00, data: b64("x") }],
      });
      const { keyPackage } = await b.run("keyPackage", {
        suite, identityBytes: b64("Bob"), capabilities: grease, lifetime: { notBefore: 1, notAfter: 4102444800 },
        extensions: [{ type: 0x1a1a, data: b64("") }], leafExtensions: [{ type: 0xff00, data: b64("y") }],
      });
      const made = await a.run("add", { group, keyPackages: [keyPackage] });
      const bob = await b.run("join", { welcome: made.welcome });
      await together(a, group, b, bob.group);
      const { proposal } = await b.run("proposeGroupContextExtensions", { group: bob.group, extensions: [] });
      check((await a.run("process", { group, message: proposal })).kind === "proposal", "a proposal");
    },

    async "a refused message changes nothing"(suite, a, b) {
      const { alice, bob } = await pair(suite, a, b);
      const { message } = await a.run("send", { group: alice, text: "once" });
      const broken = Buffer.from(message, "base64");
      broken[broken.length - 1] ^= 1;
      for (const bad of [broken.toString("base64"), b64("nonsense"), "%"])
        check((await b.ask("process", { group: bob, message: bad })).error !== undefined, "refused");
      check((await b.run("process", { group: bob, message })).plaintext === b64("once"), "the good one still opens");
      check((await b.ask("process", { group: bob, message })).error !== undefined, "but only once");
    },
  };
}

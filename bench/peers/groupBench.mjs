// The measured life of an MLS group, for any peer that gives a `newClient(name)`:
//   client.keyPackage() → bytes     client.create() → group     client.join(welcome) → group
//   group.add(keyPackages) → { commit, welcome }     group.update() → commit     group.remove(client) → commit
//   group.process(commit)     group.protect(data) → bytes     group.unprotect(bytes)
// Commits are merged at once, and bytes cross between clients, so encoding and decoding are part of every figure.
import { pace, repeat, Times } from "./rows.mjs";

const payload = new Uint8Array(1024).fill(65);

export async function benchGroups(newClient, { sizes, warm, quick }, print) {
  const peers = { newClient, alice: await newClient("Alice"), bob: await newClient("Bob"), strangers: [] };
  const keep = pace(quick);
  await singles(peers.alice, keep, print);
  for (const n of sizes) await coldGroup(peers, n, keep, print);
  for (const n of warm) await warmGroup(newClient, n, keep, print);
}

async function singles(client, keep, print) {
  for (let i = 0; i < 5; i++) await client.keyPackage();
  const [made, created] = [new Times(), new Times()];
  let bytes;
  await repeat(keep, async () => {
    bytes = (await made.time(() => client.keyPackage())).length;
    await created.time(() => client.create());
  });
  print(1, "key_package", made, bytes);
  print(1, "create_group", created);
}

/** Everybody added in one commit: whoever commits then encrypts to every leaf. */
async function coldGroup({ newClient, alice, bob, strangers }, n, keep, print) {
  while (strangers.length < n - 2) strangers.push(await keyPackageOf(newClient, strangers.length));
  const [addAll, join] = [new Times(), new Times()];
  let group, made, other;
  await repeat(keep, async () => {
    const packages = [...strangers.slice(0, n - 2).map((s) => s.keyPackage), await bob.keyPackage()];
    group = await alice.create();
    made = await addAll.time(() => group.add(packages));
    other = await join.time(() => bob.join(made.welcome));
  });
  print(n, "add_all", addAll, made.commit.length);
  print(n, "join", join, made.welcome.length);
  await updates(group, other, "cold", n, keep, print);
  await messages(group, other, n, keep, print);
  if (n > 2) await removeAndAdd(group, other, strangers[0].client, n, keep, print);
}

async function keyPackageOf(newClient, number) {
  const client = await newClient(`member ${number}`);
  return { client, keyPackage: await client.keyPackage() };
}

async function updates(from, to, state, n, keep, print) {
  const [created, processed] = [new Times(), new Times()];
  let bytes;
  await repeat(keep, async () => {
    const commit = await created.time(() => from.update());
    await processed.time(() => to.process(commit));
    bytes = commit.length;
  });
  print(n, `create_update_${state}`, created, bytes);
  print(n, `process_update_${state}`, processed, bytes);
}

async function messages(from, to, n, keep, print) {
  const [protect, unprotect] = [new Times(), new Times()];
  let bytes;
  const round = async (p, u) => {
    const message = await p.time(() => from.protect(payload));
    await u.time(() => to.unprotect(message));
    bytes = message.length;
  };
  for (let i = 0; i < 10; i++) await round(new Times(), new Times());
  await repeat({ ...keep, most: keep.most * 5 }, () => round(protect, unprotect));
  print(n, "protect_1k", protect, bytes);
  print(n, "unprotect_1k", unprotect, bytes);
}

/** Takes one member out and in again, so that the group stays at n. */
async function removeAndAdd(from, to, member, n, keep, print) {
  const [removed, added] = [new Times(), new Times()];
  let removal, addition;
  await repeat(keep, async () => {
    removal = await from.remove(member);
    await removed.time(() => to.process(removal));
    const keyPackage = await member.keyPackage();
    addition = await added.time(() => from.add([keyPackage]));
    await to.process(addition.commit);
  });
  print(n, "process_remove", removed, removal.length);
  print(n, "add_one", added, addition.commit.length);
}

/**
 * Every member commits once, so no parent is blank. Each joins, commits and adds the next: members that neither commit any more
 * nor are measured need not follow, which keeps this linear in the number of commits.
 */
async function warmGroup(newClient, n, keep, print) {
  let before;
  let last = await (await newClient("warm 0")).create();
  for (let i = 1; i < n; i++) {
    const client = await newClient(`warm ${i}`);
    const { welcome } = await last.add([await client.keyPackage()]);
    before = last;
    last = await client.join(welcome);
    await before.process(await last.update());
  }
  await updates(last, before, "warm", n, keep, print);
}

// node recorder/check.mjs [FOLDER]: checks recorded vectors on other code than recorded them (see forms.mjs), and the labelled
// DeriveKeyPair against the published vectors when SOTTO_VECTORS is set.
// node recorder/check.mjs --official FOLDER: checks mlswg's own files of suites 1 to 3, which shows that the checks are right.
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { suiteOf } from "../suites.mjs";
import { checkingSuite, forms, wireId } from "./forms.mjs";
import { fromHex, holds, same } from "./hex.mjs";
import { kinds } from "./kinds.mjs";
import { labelledSeed, NobleXWing } from "./xwing.mjs";

const home = fileURLToPath(new URL("../../../Sotto.Mls.Tests/Vectors/XWing/", import.meta.url));
const official = process.argv[2] === "--official";
const folder = process.argv[official ? 3 : 2] ?? home;
let failed = 0;
let passed = 0;

await (official ? checkOfficial() : checkRecorded());
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function checkRecorded() {
  await checkLabelledDerivation();
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
  holds(`no vectors in ${folder}`, files.length > 0);
  for (const [formName, form] of Object.entries(forms)) {
    const suite = await checkingSuite(form);
    for (const kind of Object.keys(kinds)) await checkFile(`${formName}-${kind}.json`, kind, () => suite);
  }
}

async function checkOfficial() {
  const suites = new Map(await Promise.all([1, 2, 3].map(async (id) => [id, await suiteOf(id)])));
  for (const kind of Object.keys(kinds)) await checkFile(`${kind}.json`, kind, (v) => suites.get(v.cipher_suite ?? 1));
}

async function checkFile(file, kind, suiteFor) {
  const cases = JSON.parse(await readFile(join(folder, file), "utf8"));
  const mine = cases.filter((v) => suiteFor(v) !== undefined);
  const before = passed;
  for (const [i, v] of mine.entries())
    await attempt(`${file}, case ${i}`, async () => {
      if (!official && v.cipher_suite !== undefined) holds("wire id", v.cipher_suite === wireId);
      await kinds[kind].check(suiteFor(v), v);
    });
  console.log(`${file}: ${passed - before} of ${mine.length}`);
}

async function checkLabelledDerivation() {
  if (process.env.SOTTO_VECTORS === undefined) return console.log("hpke-pq-test-vectors.json: not checked, SOTTO_VECTORS is not set");
  const path = join(process.env.SOTTO_VECTORS, "hpke/hpke-pq-test-vectors.json");
  const vectors = JSON.parse(await readFile(path, "utf8")).filter((v) => v.kem_id === 0x647a);
  holds("no X-Wing case", vectors.length > 0);
  const before = passed;
  for (const v of vectors)
    await attempt("labelled DeriveKeyPair", async () => {
      const seed = labelledSeed(fromHex(v.ikmR));
      same("skRm", seed, v.skRm);
      same("pkRm", NobleXWing.publicKeyOf(seed), v.pkRm);
    });
  console.log(`hpke-pq-test-vectors.json, KEM 0x647a: ${passed - before} of ${vectors.length}`);
}

async function attempt(what, check) {
  try {
    await check();
    passed++;
  } catch (error) {
    failed++;
    console.log(`${what}: ${error.stack}`);
  }
}

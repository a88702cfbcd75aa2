// node recorder/record.mjs [FOLDER] [KIND...]: records the X-Wing vectors.
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { forms, recordingSuite } from "./forms.mjs";
import { kinds } from "./kinds.mjs";

const home = fileURLToPath(new URL("../../../Sotto.Mls.Tests/Vectors/XWing/", import.meta.url));
const [folder = home, ...wanted] = process.argv.slice(2);

for (const [formName, form] of Object.entries(forms)) {
  const suite = await recordingSuite(form);
  for (const kind of wanted.length > 0 ? wanted : Object.keys(kinds)) {
    const cases = await kinds[kind].record(suite);
    const text = `[\n${cases.map((c) => JSON.stringify(c)).join(",\n")}\n]\n`;
    await writeFile(join(folder, `${formName}-${kind}.json`), text);
    console.log(`${formName}-${kind}.json: ${cases.length} cases, ${text.length} bytes`);
  }
}

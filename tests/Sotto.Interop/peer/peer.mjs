// A ts-mls peer: one JSON object a line on stdin, one answer a line on stdout, in the same order. README.md has the protocol.
import { createInterface } from "node:readline";
import { Peer } from "./commands.mjs";

const peer = new Peer();

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line.trim() === "") continue;
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}

async function answer(line) {
  let id;
  try {
    const { id: given, cmd, ...args } = JSON.parse(line);
    id = given;
    return { id, ...(await peer.run(cmd, args)) };
  } catch (error) {
    return { id, error: error.message, kind: error.name };
  }
}

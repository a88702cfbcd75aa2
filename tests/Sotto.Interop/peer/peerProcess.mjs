// Talks to a peer process over its pipes. The interop tests in C# do the same.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export class PeerProcess {
  #waiting = [];

  constructor() {
    this.#child = spawn(process.execPath, [fileURLToPath(new URL("./peer.mjs", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#waiting.shift().resolve(JSON.parse(line)));
    this.#child.on("exit", () => this.#waiting.splice(0).forEach((w) => w.reject(new Error("the peer ended"))));
  }

  #child;

  /** Sends one command and returns its answer; an answer with an error is thrown. */
  async run(cmd, args = {}) {
    const answer = await this.ask(cmd, args);
    if (answer.error !== undefined) throw new Error(`${cmd}: ${answer.kind}: ${answer.error}`);
    return answer;
  }

  ask(cmd, args = {}) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ cmd, ...args })}\n`);
    });
  }

  end() {
    this.#child.stdin.end();
  }
}

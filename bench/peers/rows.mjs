// Measuring and printing. One row is one JSON object a line, the same keys for every peer.
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";

/** Arguments that all scripts share. `--quick` is for trying the scripts: few repetitions, figures that mean little. */
export function options(defaults = {}) {
  const { values } = parseArgs({
    options: {
      suite: { type: "string", default: defaults.suite ?? "1" },
      sizes: { type: "string", default: "2,10,100,1000" },
      warm: { type: "string", default: "2,10,100" },
      quick: { type: "boolean", default: false },
    },
  });
  const list = (text) => text.split(",").filter((s) => s !== "").map(Number);
  return { suite: Number(values.suite), sizes: list(values.sizes), warm: list(values.warm), quick: values.quick };
}

/**
 * How often to repeat: at least `least` times, then until the time is used up or `most` is reached. An operation of seconds at
 * 1 000 members runs `least` times, one of microseconds `most` times.
 */
export const pace = (quick) => (quick ? { least: 2, most: 10, budgetMs: 200 } : { least: 3, most: 200, budgetMs: 5_000 });

/** Times in milliseconds, added one at a time. */
export class Times {
  #all = [];

  async time(action) {
    const start = performance.now();
    const result = await action();
    this.#all.push(performance.now() - start);
    return result;
  }

  get count() {
    return this.#all.length;
  }

  /** The value below which a share of the times lies, by nearest rank. */
  quantile(share) {
    const sorted = [...this.#all].sort((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }
}

/** Runs `round` until the pace is kept; `round` gets the repetition's number. */
export async function repeat({ least, most, budgetMs }, round) {
  const start = performance.now();
  for (let i = 0; i < most && (i < least || performance.now() - start < budgetMs); i++) await round(i);
}

/** Prints rows with what all rows of one run share. */
export const printer = (shared) => (n, op, times, bytes) => {
  const row = {
    ...shared, n, op,
    median_ms: rounded(times.quantile(0.5)), p10_ms: rounded(times.quantile(0.1)), p90_ms: rounded(times.quantile(0.9)),
    reps: times.count, bytes,
  };
  console.log(JSON.stringify(row));
};

const rounded = (ms) => Number(ms.toPrecision(4));

// Which module records and checks which file.
import * as cryptoBasics from "./cryptoBasics.mjs";
import * as messages from "./messages.mjs";
import { messageProtection, secretTree } from "./protection.mjs";
import { passiveCommits, passiveRandom, passiveWelcome, welcome } from "./scenarios.mjs";
import { keySchedule, pskSecret, transcriptHashes } from "./schedule.mjs";
import { treekem, treeOperations, treeValidation } from "./trees.mjs";

/** By the file names of mlswg's test vectors: `record(suite)` gives the cases, `check(suite, case)` throws on a wrong one. */
export const kinds = {
  "crypto-basics": cryptoBasics,
  "key-schedule": keySchedule,
  "psk_secret": pskSecret,
  "transcript-hashes": transcriptHashes,
  "secret-tree": secretTree,
  "message-protection": messageProtection,
  "tree-operations": treeOperations,
  "tree-validation": treeValidation,
  "treekem": treekem,
  "messages": messages,
  "welcome": welcome,
  "passive-client-welcome": passiveWelcome,
  "passive-client-handling-commit": passiveCommits,
  "passive-client-random": passiveRandom,
};

// Key packages with everything choosable that a test may want to choose.
import { defaultLifetime, generateKeyPackageWithKey } from "ts-mls";
import { suiteName } from "./suites.mjs";

/** What a leaf says by default: this suite, basic credentials, nothing else. No chance, unlike ts-mls's own default. */
export const plainCapabilities = (suite) => ({
  versions: ["mls10"],
  ciphersuites: [suite.name],
  extensions: [],
  proposals: [],
  credentials: ["basic"],
});

/**
 * Capabilities from numbers as they stand on the wire; a list left out keeps its default, with the suite itself added to
 * `cipherSuites`. GREASE values are just numbers here.
 */
export function capabilitiesOf(suite, wanted = {}) {
  const plain = plainCapabilities(suite);
  const suites = wanted.cipherSuites?.map(suiteName);
  return {
    ...plain,
    ciphersuites: suites === undefined ? plain.ciphersuites : [...new Set([suite.name, ...suites])],
    extensions: wanted.extensions ?? plain.extensions,
    proposals: wanted.proposals ?? plain.proposals,
    credentials: wanted.credentials?.map((c) => ({ 1: "basic", 2: "x509" })[c] ?? String(c)) ?? plain.credentials,
  };
}

/** Makes a key package and its private half: `{ publicPackage, privatePackage, signatureKeys }`. */
export async function makeKeyPackage(suite, identity, options = {}) {
  const signatureKeys = options.signatureKeys ?? (await suite.signature.keygen());
  const made = await generateKeyPackageWithKey(
    { credentialType: "basic", identity },
    options.capabilities ?? plainCapabilities(suite),
    options.lifetime ?? defaultLifetime,
    options.extensions ?? [],
    signatureKeys,
    suite,
    options.leafExtensions ?? [],
  );
  return { ...made, signatureKeys };
}

/** Extensions from `{ type, data }` to what ts-mls wants, which has names for the types it knows. */
export const extensionsOf = (list = []) =>
  list.map(({ type, data }) => ({ extensionType: knownExtension[type] ?? type, extensionData: data }));

const knownExtension = {
  1: "application_id",
  2: "ratchet_tree",
  3: "required_capabilities",
  4: "external_pub",
  5: "external_senders",
};

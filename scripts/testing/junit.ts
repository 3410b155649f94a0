/**
 * Reads the JUnit reports of the three runners: the one form in which all of
 * them say by name what passed, failed and was skipped.
 */

/** One test of a report. */
export interface TestCase {
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Why it was skipped, where the runner says so. */
  readonly reason: string;
  /** The file as the runner names it: absolute, relative or not at all. */
  readonly file: string;
}

// Node leaves `>` as it is inside attributes, so a tag ends where its quoted
// values have ended, not at the next `>`.
const testCase =
  /<testcase((?:\s+[\w:-]+="[^"]*")*)\s*(?:\/>|>(.*?)<\/testcase>)/gs;

/** Reads a report. */
export function readJUnit(xml: string): TestCase[] {
  const cases = [...xml.matchAll(testCase)].map(([, tag = "", body = ""]) => {
    const group = attribute(tag, "classname");
    const name = attribute(tag, "name");
    return {
      name: isGroup(group) ? `${group} > ${name}` : name,
      result: resultOf(body),
      reason: reasonOf(body),
      file: attribute(tag, "file") || group,
    };
  });
  return withoutGroups(cases);
}

// Deno puts the file there, Node the word "test", Bun nothing, for a test that
// belongs to no `describe`.
function isGroup(name: string): boolean {
  return name !== "" && name !== "test" && !name.endsWith(".ts");
}

function resultOf(body: string): TestCase["result"] {
  if (/<(failure|error)\b/.test(body)) return "failed";
  return /<skipped\b/.test(body) ? "skipped" : "passed";
}

function reasonOf(body: string): string {
  const tag = /<skipped((?:\s+[\w:-]+="[^"]*")*)/.exec(body)?.[1] ?? "";
  const reason = attribute(tag, "message");
  return reason === "true" ? "" : reason;
}

// Deno counts a `describe` as a test beside those inside it. It stays only where
// it failed by itself, as with a hook that throws.
function withoutGroups(cases: readonly TestCase[]): TestCase[] {
  return cases.filter((group) => {
    const inside = cases.filter((one) =>
      one.name.startsWith(`${group.name} > `)
    );
    if (inside.length === 0) return true;
    return group.result === "failed" &&
      !inside.some((one) => one.result === "failed");
  });
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return value.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&").replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'");
}

/** The example of an editor with the language server of TypeScript. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import type {
  Diagnostic,
  Position,
  Range,
  WorkspaceEdit,
} from "vscode-languageserver-protocol";
import {
  closeEditor,
  type LanguageServer,
  openEditor,
} from "../../examples/conversations/lsp_client.ts";
import { MessageError } from "../../src/message/mod.ts";
import { ProcessError } from "../../src/net/adapters/process.ts";
import { until } from "../support/until.ts";
import { assertLost, noKilling, startKillable } from "./killed.ts";
import {
  noLanguageServer,
  startLanguageServer,
  type Workspace,
  workspace,
} from "./servers/language_server.ts";
import { ways } from "./through.ts";

const COUNT = 50;
const numbers = [...Array(COUNT).keys()];

/** Constants in the lines from 2 on, and behind them what uses each. */
const text = [
  'import { unused } from "./b";',
  'export const wrong: number = "one";',
  ...numbers.map((n) => `export const value${n} = ${n};`),
  ...numbers.map((n) => `value${n}.toFixed();`),
].join("\n");
const definitionLine = (n: number) => 2 + n;
const useLine = (n: number) => 2 + COUNT + n;

const files = {
  "a.ts": text,
  "b.ts": "export const unused = 1;\n",
  // Without the types of browsers, the server is ready three times as soon.
  "tsconfig.json": JSON.stringify({
    compilerOptions: { lib: ["es5"], types: [] },
    typeAcquisition: { enable: false },
  }),
};

const range = (line: number, start: number, end: number): Range => ({
  start: { line, character: start },
  end: { line, character: end },
});
const at = (line: number, character: number): Position => ({ line, character });

async function openFile(
  server: LanguageServer,
  { uriOf }: Workspace,
): Promise<void> {
  const languageId = "typescript";
  await server.emit("textDocument/didOpen", {
    textDocument: { uri: uriOf("a.ts"), languageId, version: 1, text },
  });
}

/** Asks for all numbers at once, and checks each result. */
async function askForAll(
  server: LanguageServer,
  uri: string,
): Promise<void> {
  const textDocument = { uri };
  const definitions = (n: number) => [{
    uri,
    range: range(definitionLine(n), 13, 13 + `value${n}`.length),
  }];
  const uses = (n: number) => [{
    uri,
    range: range(useLine(n), 0, `value${n}`.length),
  }];
  await Promise.all(numbers.map(async (n) => {
    const where = { textDocument, position: at(useLine(n), 2) };
    const behindDot = at(useLine(n), `value${n}.`.length);
    const [hover, definition, references, members] = await Promise.all([
      server.request("textDocument/hover", where),
      server.request("textDocument/definition", where),
      server.request("textDocument/references", {
        ...where,
        context: { includeDeclaration: true },
      }),
      n % 5 > 0 ? undefined : server.request("textDocument/completion", {
        textDocument,
        position: behindDot,
      }),
    ]);
    assertEquals(hover, {
      contents: {
        kind: "markdown",
        value: `\n\`\`\`typescript\nconst value${n}: ${n}\n\`\`\`\n`,
      },
      range: range(useLine(n), 0, `value${n}`.length),
    });
    assertEquals(definition, definitions(n));
    assertEquals(references, [...definitions(n), ...uses(n)]);
    if (members === undefined) return;
    assert(members !== null && "items" in members);
    assertEquals(members.items.map(({ label }) => label), [
      "toExponential",
      "toFixed",
      "toLocaleString",
      "toPrecision",
      "toString",
      "valueOf",
    ]);
  }));
}

for (const way of ways) {
  test(
    `The language server answers an editor ${way.name}`,
    { skip: noLanguageServer },
    async () => {
      using folder = workspace(files);
      const uri = folder.uriOf("a.ts");
      const edits: WorkspaceEdit[] = [];
      const server = await openEditor(
        await way.over(await startLanguageServer()),
        folder.rootUri,
        (edit) => edits.push(edit) > 0,
      );
      let found: Diagnostic[] = [];
      server.onEvent("textDocument/publishDiagnostics", ({ diagnostics }) => {
        found = diagnostics;
      });
      await openFile(server, folder);
      await askForAll(server, uri);

      const shown = ({ range: { start }, severity, message }: Diagnostic) =>
        `${start.line} ${severity} ${message}`;
      await until(() => found.length === 2);
      assertEquals(found.map(shown), [
        "1 1 Type 'string' is not assignable to type 'number'.",
        "0 4 'unused' is declared but its value is never read.",
      ]);

      const { framesSent: before = 0 } = server.stats();
      const leaving = new AbortController();
      const cancelled = server.request("workspace/symbol", { query: "value" }, {
        signal: leaving.signal,
      });
      leaving.abort(new Error("The user types on"));
      await assertRejects(() => cancelled, Error, "The user types on");
      assertEquals(server.stats().framesSent, before + 2);
      // The server does not heed it, and its result reaches nobody.
      await until(() => server.stats().strays.late === 1);

      assertEquals(
        await server.request("workspace/executeCommand", {
          command: "_typescript.organizeImports",
          arguments: [new URL(uri).pathname],
        }),
        null,
      );
      const lineOfImport = { start: at(0, 0), end: at(1, 0) };
      assertEquals(edits, [
        { changes: { [uri]: [{ range: lineOfImport, newText: "" }] } },
      ]);

      const refused = await assertRejects(
        () =>
          server.request("textDocument/moniker", {
            textDocument: { uri },
            position: at(1, 13),
          }),
        MessageError,
      );
      assertEquals(refused.code, "NO_HANDLER");
      await closeEditor(server);
      assertEquals(await server.closed, { by: "local" });

      const { served, framesReceived = 0, framesSent = 0 } = server.stats();
      assert(framesReceived + framesSent > 400);
      assertEquals(Object.keys(served.commands).sort(), [
        "window/workDoneProgress/create",
        "workspace/applyEdit",
        "workspace/configuration",
      ]);
      for (const { done, failed, refused } of Object.values(served.commands)) {
        assert(done > 0 && failed + refused === 0);
      }
    },
  );
}

test(
  "An editor's requests all reject when the language server is killed",
  { skip: noLanguageServer || noKilling },
  async () => {
    using folder = workspace(files);
    const { child, signal } = await startKillable(startLanguageServer);
    const server = await openEditor(child, folder.rootUri);
    await openFile(server, folder);
    const where = {
      textDocument: { uri: folder.uriOf("a.ts") },
      position: at(useLine(7), 2),
    };
    const ask = () => server.request("textDocument/hover", where);
    await Promise.all([ask(), ask(), ask()]);
    signal("SIGSTOP");
    const requests = Array.from({ length: 100 }, ask);
    signal("SIGKILL");
    await assertLost(requests, "PROCESS_FAILED");
    const { by, error } = await server.closed;
    assertEquals(by, "failure");
    assert(error instanceof ProcessError);
    assertEquals(error.signal, "SIGKILL");
    const { underWay, commands } = server.stats().made;
    const { done, failed } = commands["textDocument/hover"]!;
    assertEquals([underWay, done, failed], [0, 3, 100]);

    const again = await openEditor(await startLanguageServer(), folder.rootUri);
    await openFile(again, folder);
    const hover = await again.request("textDocument/hover", where);
    assertEquals(hover?.range, range(useLine(7), 0, "value7".length));
    await closeEditor(again);
  },
);

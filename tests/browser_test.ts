import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { test } from "node:test";
import * as standIns from "../src/browser.ts";
import { NetError } from "../src/net/mod.ts";

const { bunNetwork, denoNetwork, nodeNetwork } = standIns;

test("what browsers have in the place of sockets and processes rejects and says what to use", async () => {
  const calls = [
    () => nodeNetwork.connect({ port: 1 }),
    () => nodeNetwork.listen({ port: 0 }),
    standIns.bindDatagram,
    standIns.loadTls,
    standIns.serveCommands,
    standIns.connectCommands,
  ];
  for (const call of calls) {
    const error = await assertRejects(call, NetError);
    assertEquals(error.code, "NOT_SUPPORTED");
    assertStringIncludes(error.message, " in a browser: ");
  }
  assert(bunNetwork === nodeNetwork && denoNetwork === nodeNetwork);
});

test("what browsers have in the place of digests and compressions throws and says what to use", () => {
  const { sha256, md5, gzip, deflate } = standIns;
  const bytes = Uint8Array.of(1);
  for (
    const call of [
      () => sha256.compute(bytes),
      () => md5.compute(bytes),
      () => gzip.compress(bytes),
      () => gzip.decompress(bytes, 1),
      () => deflate.compress(bytes),
    ]
  ) {
    const error = assertThrows(call, NetError);
    assertEquals(error.code, "NOT_SUPPORTED");
  }
});

test("browsers follow no asynchronous calls", () => {
  const { run, get } = standIns.asyncContext<number>();
  assertEquals(run(1, () => get() ?? "none"), "none");
  assertEquals(standIns.callFrom(), standIns.here());
});

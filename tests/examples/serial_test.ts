// examples/transports/serial.ts over a mock of Web Serial and its errors.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  serialBytes,
  type SerialPortLike,
} from "../../examples/transports/serial.ts";
import { framed } from "../../mod.ts";
import { nmea } from "../../src/presets/mod.ts";

/** A port of Web Serial: a fault ends its stream, and it gives another. */
class MockPort implements SerialPortLike {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null;
  readonly written: string[] = [];
  cancelled = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor() {
    this.#open();
    this.writable = new WritableStream({
      write: (chunk) => void this.written.push(new TextDecoder().decode(chunk)),
    });
  }

  receive(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  fail(name: string): void {
    const controller = this.#controller;
    if (name === "NetworkError") this.readable = this.writable = null;
    else this.#open();
    controller?.error(new DOMException("mock", name));
  }

  #open(): void {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.cancelled = true;
      },
    });
  }
}

const gll = "$GPGLL,4916.45,N,12311.12,W,225444,A,";

function open(port: MockPort) {
  const faults: string[] = [];
  const skipped: string[] = [];
  const receiver = framed(
    {
      readable: serialBytes(
        port,
        (error) => faults.push((error as Error).name),
      ),
      writable: port.writable ?? new WritableStream(),
    },
    nmea({ onInvalid: "skip", onSkip: ({ code }) => skipped.push(code) }),
  );
  return { receiver, faults, skipped };
}

test("serialBytes() goes on after each fault of the port", async () => {
  const port = new MockPort();
  const { receiver, faults, skipped } = open(port);
  const names = [
    "BreakError",
    "FramingError",
    "ParityError",
    "BufferOverrunError",
  ];
  for (const name of names) {
    port.receive(`${gll}*1D\r\n`);
    assertEquals(await receiver.receive(), gll);
    port.receive(gll.slice(0, 12)); // the rest of it is lost
    // It is read before the fault, which drops what the port holds.
    await new Promise((resolve) => setTimeout(resolve, 0));
    port.fail(name);
  }
  port.receive(`${gll}*1D\r\n`);
  assertEquals(await receiver.receive(), gll);
  assertEquals(faults, names);
  assertEquals(skipped, names.map(() => "MARK_INVALID"));
  await receiver.send("$PMTK605");
  await receiver.closeWrite();
  assertEquals(port.written, ["$PMTK605*31\r\n"]);
  receiver.abort();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(port.cancelled);
});

test("serialBytes() fails when the device is gone", async () => {
  const port = new MockPort();
  const { receiver, faults } = open(port);
  port.receive(`${gll}*1D\r\n`);
  assertEquals(await receiver.receive(), gll);
  port.fail("NetworkError");
  const { by, error } = await receiver.closed;
  assert(error instanceof DOMException);
  assertEquals([by, error.name, faults], ["failure", "NetworkError", []]);
});

import { FrameError } from "../../codec/errors.ts";
import type { Codec } from "../../codec/types.ts";
import { framedDatagrams } from "../../framed/framed_datagrams.ts";
import { type Address, formatAddress } from "../../net/address.ts";
import { bindDatagram } from "../../net/datagram.ts";
import { isPromise } from "../../net/deferred.ts";
import { serve } from "../../server/serve.ts";
import type { ServerConnection } from "../../server/server_connection.ts";
import type { Server } from "../../server/types.ts";
import { listenOptions, placeOf } from "../addresses.ts";
import { type Answer, answerOf } from "../answers.ts";
import { clock } from "../clock.ts";
import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { codecOf, frameKindOf } from "../formats.ts";
import { FramePrinter } from "../frame_printer.ts";
import type { Program, Verb } from "../program.ts";
import { describe } from "../report.ts";
import { wireCodec, type WireFrame } from "../wire_codec.ts";
import { counted } from "../counted.ts";

/** Serves clients: prints, echoes, answers or broadcasts their frames. */
export const listen: Verb = async (program) => {
  const { flags, operands: [address = ""], stderr } = program;
  const codec = await codecOf(flags, address);
  const answer = answerOf(flags, frameKindOf(codec));
  const listening = new Listening(program, answer);
  const place = placeOf(address);
  if (place.kind !== "udp") await listening.serve(address, codec);
  else await listening.receive(place.address, codec);
  stderr.tell(
    `${counted(listening.frames, "frame")} of ${
      counted(listening.peers, "peer")
    }`,
  );
  return listening.exitCode;
};

/** What all peers together have done. */
class Listening {
  frames = 0;
  peers = 0;
  exitCode: ExitCode = EXIT.good;
  readonly #program: Program;
  readonly #answer: Answer | undefined;
  readonly #printer: FramePrinter;
  readonly #now = clock();
  readonly #stop: AbortController = new AbortController();

  constructor(program: Program, answer: Answer | undefined) {
    this.#program = program;
    this.#answer = answer;
    this.#printer = new FramePrinter(program.stdout, program.flags.out);
    const { signal } = program;
    signal.addEventListener("abort", () => this.#stop.abort(signal.reason));
  }

  /** Serves connections until it is told to stop. */
  async serve(address: string, codec: Codec<unknown>): Promise<void> {
    const { flags } = this.#program;
    const server: Server<unknown, WireFrame> = await serve({
      ...await listenOptions(address, flags, codec),
      codec: wireCodec(codec),
      signal: this.#stop.signal,
      ...(flags.once && { maxConnections: 1 }),
      onError: (error, peer) => this.#failed(error, peer),
    }, (connection) => this.#handle(connection, server));
    this.#program.stderr.tell(`listening on ${formatAddress(server.address)}`);
    await server.drained;
  }

  /** Receives datagrams until it is told to stop. */
  async receive(
    address: Address & { transport: "udp" },
    codec: Codec<unknown>,
  ): Promise<void> {
    if (this.#program.flags.broadcast) {
      throw new UsageError(
        "Cannot use --broadcast: datagrams have no connections",
      );
    }
    const { signal } = this.#stop;
    await using frames = framedDatagrams(
      await bindDatagram(address, { signal }),
      wireCodec(codec),
      { onError: (error, from) => this.#failed(error, from) },
    );
    this.#program.stderr.tell(`listening on ${formatAddress(frames.address)}`);
    const numbers = new Map<string, number>();
    for await (const { frame, from } of frames) {
      const sender = formatAddress(from);
      if (!numbers.has(sender)) numbers.set(sender, ++this.peers);
      this.#print(frame, numbers.get(sender)!);
      await this.#program.stdout.flush();
      const reply = await this.#answer?.(frame);
      if (reply !== undefined) await frames.send(reply, from);
      if (this.#isOver || this.#program.flags.once) return;
    }
  }

  async #handle(
    connection: ServerConnection<unknown, WireFrame>,
    server: Server<unknown, WireFrame>,
  ): Promise<void> {
    const { flags, stdout } = this.#program;
    const number = ++this.peers;
    this.#program.stderr.tell(
      `connection ${number} from ${nameOf(connection.remoteAddress)}`,
    );
    try {
      for await (const batch of connection.batches()) {
        for (const frame of batch) {
          this.#print(frame, number);
          const answer = this.#answer?.(frame);
          const reply = isPromise(answer) ? await answer : answer;
          const room = reply === undefined ? undefined : connection.send(reply);
          if (room !== undefined) await room;
          if (flags.broadcast) {
            const others = [...server.connections.keys()]
              .filter((id) => id !== connection.id);
            server.broadcast(frame.value, others);
          }
          if (this.#isOver) return this.#stop.abort();
        }
        await stdout.flush();
      }
      this.#program.stderr.tell(`connection ${number} has ended`);
    } finally {
      if (flags.once) this.#stop.abort();
    }
  }

  /** Whether as many frames have come as were wanted. */
  get #isOver(): boolean {
    return this.frames >= (this.#program.flags.limit ?? Infinity);
  }

  #print(frame: WireFrame, connection: number): void {
    this.frames++;
    if (this.#program.flags.quiet) return;
    const time = this.#now();
    this.#printer.print(frame, { time, direction: "toServer", connection });
  }

  #failed(error: unknown, peer: Address): void {
    if (error instanceof FrameError) this.exitCode = EXIT.different;
    this.#program.stderr.tell(`${nameOf(peer)}: ${describe(error as Error)}`);
  }
}

/** A peer in notes: a client of a Unix socket has no path. */
function nameOf(peer: Address): string {
  return peer.transport === "unix" && peer.path === ""
    ? "a Unix socket"
    : formatAddress(peer);
}

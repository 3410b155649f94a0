import { Buffer } from "node:buffer";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import {
  type Certificates,
  makeCertificates,
} from "../../tests/support/certificates.ts";
import { growthOf } from "../peer.ts";
import { connectMany, mib, ms, Raw } from "../raw.ts";
import type { Row } from "../row.ts";

/** A connection with TLS by hand, and its handshake. */
async function secure(
  port: number,
  options: tls.ConnectionOptions,
): Promise<Raw> {
  const socket = tls.connect({ host: "127.0.0.1", port, ...options });
  const raw = new Raw(socket);
  await once(socket, "secureConnect");
  return raw;
}

const RATE = 200;

export const exchange: Row = {
  name: "certificates exchanged",
  promise:
    "200 TLS handshakes a second while the certificate is exchanged: none fails; a pair that does not fit is refused and the old one stays",
  bar:
    "0 of 1,000 failed (long: 12,000); every misfit refused; both certificates seen",
  sabotage: "handshakeTimeoutMs: 1",
  seconds: 7,
  async measure(run) {
    const { ca, server, renewed, otherName } = makeCertificates();
    const peer = await run.start("serve", {
      handler: "echo",
      options: {
        tls: server,
        handshakeTimeoutMs: run.either(10_000, 1),
      },
    });
    const seen = new Set<string>();
    let failed = 0;
    let done = 0;
    const one = async () => {
      try {
        const raw = await secure(peer.port, { ca });
        const socket = raw.socket as tls.TLSSocket;
        seen.add(socket.getPeerCertificate().serialNumber);
        if (!Number.isFinite(await raw.echo())) failed++;
        socket.destroy();
      } catch {
        failed++;
      }
      done++;
    };
    const all: Promise<void>[] = [];
    const count = RATE * run.length(5, 60);
    let misfits = 0;
    let refused = 0;
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      all.push(one());
      if (i % 20 === 0) {
        await peer.call("setCertificate", i % 40 === 0 ? renewed : server);
      }
      if (i % 50 === 0) {
        misfits++;
        const misfit = { cert: server.cert, key: otherName.key };
        const taken = await peer.call("setCertificate", misfit);
        if (taken === "refused") refused++;
      }
      await sleep(start + i * 1_000 / RATE - performance.now());
    }
    await Promise.all(all);
    const seconds = (performance.now() - start) / 1_000;
    return {
      figure: `${failed} of ${done} failed at ${
        (done / seconds).toFixed(0)
      }/s; ${refused} of ${misfits} misfits refused; ${seen.size} certificates seen`,
      holds: failed === 0 && refused === misfits && seen.size === 2 &&
        peer.unharmed,
    };
  },
};

/** What clients show that must not be let in. */
function strangers(
  { expired, strangeClient }: Certificates,
): readonly tls.ConnectionOptions[] {
  return [{}, expired, strangeClient].map((shown) => ({
    ...shown,
  })) as tls.ConnectionOptions[];
}

export const clientCertificates: Row = {
  name: "client certificates",
  promise:
    "wrong, expired or no client certificate: not one frame reaches a handler",
  bar: "0 frames of 60 strangers; 20 of 20 clients with theirs are answered",
  sabotage: 'clientCertificate: "none"',
  seconds: 2,
  async measure(run) {
    const made = makeCertificates();
    const { ca, server, client } = made;
    const peer = await run.start("serve", {
      handler: "echo",
      options: {
        tls: {
          ...server,
          ...run.either({ clientCertificate: "required", clientCa: ca }, {}),
        },
      },
    });
    for (let i = 0; i < 20; i++) {
      for (const shown of strangers(made)) {
        const raw = await secure(peer.port, { ca, ...shown }).catch(() =>
          undefined
        );
        // With TLS 1.3, it is refused only after its handshake is done.
        await raw?.echo("let me in", 2_000);
        raw?.socket.destroy();
      }
    }
    const { frames } = await peer.call<{ frames: number }>("report");
    let answered = 0;
    for (let i = 0; i < 20; i++) {
      const raw = await secure(peer.port, {
        ca,
        ...client,
      } as tls.ConnectionOptions);
      if (Number.isFinite(await raw.echo())) answered++;
      raw.socket.destroy();
    }
    return {
      figure:
        `${frames} frames of strangers, ${answered} of 20 clients answered`,
      holds: frames === 0 && answered === 20 && peer.unharmed,
    };
  },
};

const SILENT = 1_000;
const LIMIT_MS = 1_000;

export const silentTls: Row = silent("silent at a TLS port", {
  options: (made) => ({ tls: made?.server }),
  connect: (port, made) => secure(port, { ca: made!.ca }),
});

export const silentWebSocket: Row = silent("silent at a WebSocket port", {
  options: () => ({ webSocket: { mode: "bytes" } }),
  connect: webSocket,
});

interface SilentOptions {
  readonly options: (made: Certificates) => Record<string, unknown>;
  readonly connect: (port: number, made: Certificates) => Promise<Raw>;
}

/** A WebSocket by hand, up to the answer to its request. */
async function webSocket(port: number): Promise<Raw> {
  const raw = await Raw.connect(port, false);
  raw.socket.write(
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await once(raw.socket, "data");
  return raw;
}

function silent(name: string, { options, connect }: SilentOptions): Row {
  return {
    name,
    promise:
      `1,000 connections ${name}: freed within handshakeTimeoutMs, others unharmed`,
    bar:
      `all closed within ${LIMIT_MS} ms + 1 s; honest clients are let in within 1 s`,
    sabotage: "handshakeTimeoutMs: Infinity",
    seconds: 5,
    async measure(run) {
      const made = makeCertificates();
      const peer = await run.start("serve", {
        handler: "echo",
        options: {
          ...options(made),
          handshakeTimeoutMs: run.either(LIMIT_MS, Infinity),
        },
      });
      (await connect(peer.port, made)).socket.destroy();
      const before = peer.descriptors();
      const all: { raw: Raw; at: number }[] = [];
      for (let i = 0; i < SILENT; i += 100) {
        const some = await connectMany(peer.port, 100, false);
        all.push(...some.map((raw) => ({ raw, at: performance.now() })));
      }
      let slowest = 0;
      const end = performance.now() + LIMIT_MS + 1_200;
      while (performance.now() < end) {
        const start = performance.now();
        (await connect(peer.port, made)).socket.destroy();
        slowest = Math.max(slowest, performance.now() - start);
        await sleep(20);
      }
      const open = all.map(({ raw, at }) => (raw.overAt ?? Infinity) - at);
      const longest = Math.max(...open);
      for (const { raw } of all) raw.socket.destroy();
      const more = peer.descriptors() - before;
      return {
        figure: `${open.filter(Number.isFinite).length} closed after at most ${
          ms(longest)
        }; honest ones in ${ms(slowest)}; ${more} descriptors more`,
        holds: longest <= LIMIT_MS + 1_000 && slowest <= 1_000 && more <= 5 &&
          peer.unharmed,
      };
    },
  };
}

const FLOOD = 400 * 2 ** 20;

export const webSocketFlood: Row = {
  name: "flood at a WebSocket",
  promise:
    "400 MiB at a paused WebSocket handler: at most 32 MiB of memory more",
  bar: "at most 32 MiB more",
  sabotage: "a handler that keeps what it is sent",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: run.either("paused", "hoard"),
      options: { webSocket: {} },
    });
    const raw = await webSocket(peer.port);
    const message = webSocketFrame(65_536);
    let sent = 0;
    const growth = await growthOf(peer, async () => {
      while (sent < FLOOD) {
        sent += message.length;
        if (raw.socket.write(message)) continue;
        const drained = once(raw.socket, "drain").then(() => true);
        // One that has taken nothing for so long takes nothing any more.
        if (!await Promise.race([drained, sleep(1_500, false)])) break;
      }
    });
    raw.socket.destroy();
    return {
      figure: `${mib(growth)} more, ${mib(sent)} sent`,
      holds: growth <= 32 * 2 ** 20 && peer.unharmed,
    };
  },
};

/** A binary message of a client, masked with zeros. */
function webSocketFrame(length: number): Buffer {
  const frame = Buffer.alloc(14 + length, 1);
  frame.set([0x82, 0x80 | 127], 0);
  frame.writeBigUInt64BE(BigInt(length), 2);
  frame.fill(0, 10, 14);
  return frame;
}

/** Joins its standard input and output with a connection to the port it is given. */

import net from "node:net";
import process from "node:process";
import { nodeDuplex } from "../../src/net/adapters/node_duplex.ts";
import { stdio } from "../../src/net/adapters/stdio.ts";
import type { Transport } from "../../src/net/transport.ts";

const own = stdio();
const other = nodeDuplex(net.connect(Number(process.argv[2]), "127.0.0.1"));
let open = 2;

function join(from: Transport, to: Transport): void {
  let written: Promise<unknown> = Promise.resolve();
  from.open({
    data(chunk) {
      from.pause();
      written = written.then(() => to.write(chunk))
        .then(() => from.resume(), lost);
    },
    end: () =>
      void written.then(() => to.closeWrite()).then(() => ended(to), lost),
    fail: () => void written.then(lost),
  });
}

/** The other side of the relay is told by a reset, or by the exit status. */
function lost(): void {
  other.abort();
  process.exit(3);
}

function ended(to: Transport): void {
  open--;
  if (open === 0) {
    own.close();
    other.close();
  } else if (to === own) exitWhenQuiet();
}

/** The output ends with the process, which the other side may wait for. */
function exitWhenQuiet(): void {
  const before = other.bytesTaken;
  setTimeout(() => {
    if (other.bytesTaken === before) process.exit();
    exitWhenQuiet();
  }, 1_000).unref();
}

join(own, other);
join(other, own);

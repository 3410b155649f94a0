// An error of the package: its stack names functions, files and lines.
import { lines } from "@framewire/framewire/codec";

try {
  lines({ maxFrameLength: 4 }).decode(new TextEncoder().encode("too long\n"));
} catch (error) {
  console.log(error.stack);
}

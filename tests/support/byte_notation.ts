export { bytesOf } from "../../src/cli/conform/byte_notation.ts";

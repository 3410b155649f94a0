import type { Codec } from "./types.ts";

/**
 * Refuses what is not a codec of this module. It is small, since it is part of
 * every codec that is laid over another one.
 *
 * @param name The name of the option or the parameter.
 * @throws {TypeError} If it is not one. It says what to write instead.
 */
export function checkCodec(codec: unknown, name: string = "codec"): void {
  const given: Partial<Codec<never, unknown>> = Object(codec);
  const parts = [given.decoder, given.encoder, given.decode, given.encode];
  if (parts.every((part) => typeof part === "function")) return;
  let got = codec === null ? "null" : typeof codec;
  if (got === "function") got += `; call it: ${given.name}()`;
  else if (parts.some((part) => typeof part === "function")) {
    got += " of another library; wrap it: mapCodec(lengthPrefixed(), { ... })";
  }
  throw new TypeError(
    `Cannot use ${name}: expected a codec, such as lines(), got ${got}`,
  );
}

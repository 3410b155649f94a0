import type {
  Codec,
  FrameLimitOptions,
  RecoveryOptions,
} from "../codec/types.ts";
import * as presets from "../presets/mod.ts";
import { choice, count, flag, size } from "./options.ts";
import { type OptionTable, type StageKind, stageKind } from "./stage_kind.ts";

const onInvalid = choice(["error", "skip"], "error");
const endian = ["big", "little"];
// The presets have limits of their own, so none of these has a default.
const limits: OptionTable<FrameLimitOptions> = {
  maxFrameLength: size,
  maxEncodedLength: size,
  onOversize: choice(["error", "skip"], "error"),
};
const common: OptionTable<presets.PresetOptions> = { ...limits, copy: flag };

/** All presets whose options are data. */
export const presetStages: readonly StageKind[] = [
  ...bytesBy<presets.PresetOptions>(common, {
    csharpDemo: presets.csharpDemo,
    dnsTcp: presets.dnsTcp,
    gob: presets.gob,
    kafka: presets.kafka,
    minecraft: presets.minecraft,
    mqtt: presets.mqtt,
    protobufDelimited: presets.protobufDelimited,
    syslogAny: presets.syslogAny,
    syslogOctetCounting: presets.syslogOctetCounting,
    tokioUtil: presets.tokioUtil,
    tpkt: presets.tpkt,
    twistedInt16: presets.twistedInt16,
    twistedInt32: presets.twistedInt32,
    twistedNetstring: presets.twistedNetstring,
  }),
  ...valuesBy<presets.PresetOptions>(common, {
    gitPktLine: presets.gitPktLine,
    grpc: presets.grpc,
    modbusTcp: presets.modbusTcp,
  }),
  ...valuesBy<FrameLimitOptions>(limits, {
    dotnetString: presets.dotnetString,
    gbkOutput: presets.gbkOutput,
    javaUtf: presets.javaUtf,
    nativeMessaging: presets.nativeMessaging,
    redisLines: presets.redisLines,
  }),
  ...valuesBy<FrameLimitOptions & RecoveryOptions>({ ...limits, onInvalid }, {
    jsonSeq: (options) => presets.jsonSeq(options),
    lsp: presets.lsp,
    ndjson: (options) => presets.ndjson(options),
    nmea: presets.nmea,
    p1: presets.p1,
  }),
  preset<presets.PresetOptions & { packet: 1 | 2 | 4 }>("erlang", {
    positional: ["packet"],
    options: { packet: { ...count, required: true }, ...common },
    make: ({ packet, ...options }) => presets.erlang(packet, options),
  }),
  preset<presets.NettyOptions>("netty", {
    options: {
      lengthFieldOffset: { ...count, required: true },
      lengthFieldLength: { ...count, required: true },
      lengthAdjustment: { ...count, default: 0 },
      initialBytesToStrip: { ...count, default: 0 },
      byteOrder: choice(endian, "big"),
      maxFrameLength: { ...size, required: true },
      onOversize: limits.onOversize,
      copy: flag,
    },
    make: presets.netty,
  }),
  preset<presets.Iso8583Options>("iso8583", {
    positional: ["length"],
    options: {
      length: choice(["binary", "bcd", "ascii"], "binary"),
      ...common,
    },
    make: presets.iso8583,
  }),
  preset<presets.OncRpcOptions>("oncRpc", {
    options: {
      maxFragmentLength: { ...size, default: 0x7fff_ffff },
      maxFrameLength: size,
      copy: flag,
    },
    make: presets.oncRpc,
  }),
  preset<presets.PresetOptions & RecoveryOptions>("hl7Mllp", {
    options: { ...common, onInvalid },
    make: presets.hl7Mllp,
  }),
  preset<presets.PostgresOptions>("postgres", {
    options: { startup: flag, ...common },
    givesBytes: () => false,
    make: presets.postgres,
  }),
  preset<presets.MnetSocketOptions>("mnetSocket", {
    positional: ["endian"],
    options: { endian: { ...choice(endian), required: true }, ...common },
    givesBytes: () => false,
    make: presets.mnetSocket,
  }),
  preset<presets.JoinedPresetOptions>("mysqlPackets", {
    options: { maxFrameLength: size, copy: flag },
    givesBytes: () => false,
    make: presets.mysqlPackets,
  }),
  preset<presets.RespOptions>("resp", {
    options: { maxFrameLength: size, maxDepth: count },
    givesBytes: () => false,
    make: presets.resp,
  }),
  preset<presets.MemcachedOptions>("memcached", {
    options: { maxFrameLength: size },
    givesBytes: () => false,
    make: presets.memcached,
  }),
  preset<presets.NatsOptions>("nats", {
    options: { maxFrameLength: size },
    givesBytes: () => false,
    make: presets.nats,
  }),
  preset<presets.AwsEventStreamOptions>("awsEventStream", {
    options: { maxFrameLength: size },
    givesBytes: () => false,
    make: presets.awsEventStream,
  }),
  preset<presets.StompOptions>("stomp", {
    options: { maxFrameLength: size, onInvalid },
    givesBytes: () => false,
    make: presets.stomp,
  }),
  preset<RecoveryOptions>("dlmsHdlc", {
    options: { onInvalid },
    givesBytes: () => false,
    make: presets.dlmsHdlc,
  }),
];

/** Presets by their names. */
type Presets<Options> = Readonly<
  Record<string, (options: Options) => Codec<never, unknown>>
>;

/** Presets of the same options whose frames are bytes. */
function bytesBy<Options extends object>(
  options: OptionTable<Options>,
  makers: Presets<Options>,
): StageKind[] {
  return Object.entries(makers).map(([name, make]) =>
    preset<Options>(name, { options, make })
  );
}

/** Presets of the same options whose frames are something else. */
function valuesBy<Options extends object>(
  options: OptionTable<Options>,
  makers: Presets<Options>,
): StageKind[] {
  return Object.entries(makers).map(([name, make]) =>
    preset<Options>(name, { options, make, givesBytes: () => false })
  );
}

/** The kind of stage that a preset is. */
function preset<Options extends object>(
  presetName: string,
  kind: Omit<Parameters<typeof stageKind<Options>>[0], "name" | "kind">,
): StageKind {
  const name = `preset:${presetName}`;
  return stageKind<Options>({ ...kind, name, kind: name });
}

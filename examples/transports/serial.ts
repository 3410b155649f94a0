/** A serial port of the browser (Web Serial), whose faults cost a few bytes only. */

/** What is used of a `SerialPort`. */
export interface SerialPortLike {
  /** A new stream after each fault; `null` once the device is gone. */
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
}

/**
 * The bytes of a port. After a break (`BreakError`), a byte with errors (`FramingError`,
 * `ParityError`) or too many bytes (`BufferOverrunError`), the port has a new stream.
 * Only `NetworkError`, the loss of the device, is an error here.
 *
 * @param onFault Is called with each of the others.
 */
export function serialBytes(
  port: SerialPortLike,
  onFault: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  if (port.readable === null) {
    throw new TypeError("Cannot read the port: open it first");
  }
  let reader = port.readable.getReader();
  const read = async (): Promise<Uint8Array | undefined> => {
    while (true) {
      try {
        return (await reader.read()).value;
      } catch (error) {
        reader.releaseLock();
        if (port.readable === null) throw error;
        onFault(error);
        reader = port.readable.getReader();
      }
    }
  };
  let cancelled = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await read();
      if (cancelled) return;
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel(reason) {
      cancelled = true;
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

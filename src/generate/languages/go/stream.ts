import { code } from "../../code.ts";
import { encodeParameter } from "./content.ts";
import type { Frames } from "./parts.ts";

/** Reading from a stream, and writing to one. */
export function streamCode(frames: Frames): string {
  const { type, none, plan } = frames;
  const [name, encoded] = encodeParameter(plan);
  return code`
    // A Reader reads frames from a stream, such as a net.Conn.
    type Reader struct {
      Decoder Decoder // what the frames come from; Unread gives what was read ahead

      src   io.Reader
      chunk []byte
      err   error // of src, behind the bytes that came with it
    }

    // NewReader returns a Reader of src. It reads ahead.
    func NewReader(src io.Reader) *Reader {
      return &Reader{src: src, chunk: make([]byte, 16<<10)}
    }

    // ReadFrame returns the next frame. Its error is io.EOF where the stream ends between
    // two frames, a *FrameError, or an error of the stream.
    func (r *Reader) ReadFrame() (${type}, error) {
      for {
        frame, ok, err := r.Decoder.Next()
        if ok || err != nil {
          return frame, err
        }
        if r.Decoder.ended {
          return ${none}, io.EOF
        }
        if err := r.err; err != nil {
          r.err = nil // The next call reads again, as after a deadline.
          return ${none}, err
        }
        n, err := r.src.Read(r.chunk)
        r.Decoder.Push(r.chunk[:n])
        if err == io.EOF {
          r.Decoder.End()
        } else {
          r.err = err
        }
      }
    }

    // WriteFrame writes a frame to w by one call of Write.
    func WriteFrame(w io.Writer, ${name} ${encoded}) error {
      out, err := Encode(${name})
      if err != nil {
        return err
      }
      _, err = w.Write(out)
      return err
    }
  `;
}

//! Answers the questions of ../README.md with the generated code of all formats, which is
//! the crate `formats`. `formats.rs` lists them.
// A program of few formats does not use all of it.
#![allow(dead_code, unused_imports, unused_macros)]

use std::io::{self, BufRead, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};

/// What a decoder says of an error: its code and its offset.
type Failure = String;

/// The decoder of any format. Frames are words.
trait Peer {
    fn push(&mut self, bytes: &[u8]);
    fn next_word(&mut self) -> Result<Option<String>, Failure>;
    fn end(&mut self);
    fn unread(self: Box<Self>) -> Vec<u8>;
}

/// A format: what makes its decoder, which tells what it passes over, and its encoder.
struct Format {
    decoder: fn(Sender<Failure>) -> Box<dyn Peer>,
    encode: fn(&str) -> Result<Vec<u8>, Failure>,
}

/// A frame as a word of the protocol.
trait Word: Sized {
    fn print(&self) -> String;
    fn read(word: &str) -> Self;
}

impl Word for Vec<u8> {
    fn print(&self) -> String {
        words::print_bytes(self)
    }

    fn read(word: &str) -> Self {
        words::read_bytes(word)
    }
}

impl Word for String {
    fn print(&self) -> String {
        words::print_bytes(self.as_bytes())
    }

    fn read(word: &str) -> Self {
        String::from_utf8(Vec::read(word)).expect("a text is UTF-8")
    }
}

/// What a frame with headers is made of.
type Parts = (Vec<(String, String)>, Vec<u8>);

fn print_parts(headers: &[(String, String)], body: &Vec<u8>) -> String {
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\n"))
        .collect();
    format!("{}/{}", lines.print(), body.print())
}

fn read_parts(word: &str) -> Parts {
    let (lines, body) = word.split_once('/').expect("such a frame has two parts");
    let mut headers = Vec::new();
    let mut read = String::new();
    for line in String::read(lines).split_terminator('\n') {
        read.push_str(line);
        match read.split_once(": ") {
            Some((name, value)) => {
                headers.push((name.to_string(), value.to_string()));
                read.clear();
            }
            // A line feed in a name or in a value, which the encoder must refuse.
            None => read.push('\n'),
        }
    }
    if !read.is_empty() {
        headers.push((read, String::new()));
    }
    (headers, Vec::read(body))
}

/// Makes a `Format` of a module of generated code.
macro_rules! format_of {
    ($module:ident, $skips:ident) => {{
        use formats::$module as code;

        fn failure(error: code::FrameError) -> Failure {
            let offset = error
                .offset
                .map_or("-".to_string(), |offset| offset.to_string());
            format!("{} {}", error.code.as_str(), offset)
        }

        impl Peer for code::Decoder {
            fn push(&mut self, bytes: &[u8]) {
                code::Decoder::push(self, bytes);
            }
            fn next_word(&mut self) -> Result<Option<String>, Failure> {
                match self.next_frame() {
                    Ok(frame) => Ok(frame.map(|frame| frame.print())),
                    Err(error) => Err(failure(error)),
                }
            }
            fn end(&mut self) {
                code::Decoder::end(self);
            }
            fn unread(self: Box<Self>) -> Vec<u8> {
                self.into_unread()
            }
        }

        Format {
            decoder: decoder!(code, $skips),
            encode: |word| code::encode(&<code::Frame as Word>::read(word)).map_err(failure),
        }
    }};
}

macro_rules! decoder {
    ($code:ident, skips) => {
        |skipped| {
            Box::new($code::Decoder::new().on_skip(move |error| {
                let _ = skipped.send(failure(error));
            }))
        }
    };
    ($code:ident, fails) => {
        |_| Box::new($code::Decoder::new())
    };
}

/// Makes words of the frames of a module, which have headers.
macro_rules! words_of {
    ($module:ident) => {
        impl Word for formats::$module::Frame {
            fn print(&self) -> String {
                print_parts(&self.headers, &self.body)
            }
            fn read(word: &str) -> Self {
                let (headers, body) = read_parts(word);
                Self { headers, body }
            }
        }
    };
}

/// Sends frames to a server with the code of a module, and prints those that come.
macro_rules! talk {
    ($module:ident, $port:expr, $words:expr) => {{
        use formats::$module::{write_frame, Frame, FrameReader};
        let stream = TcpStream::connect(("127.0.0.1", $port))?;
        let mut reader = FrameReader::new(stream.try_clone()?);
        for word in $words {
            write_frame(&stream, &<Frame as Word>::read(word))?;
            match reader.read_frame()? {
                Some(frame) => println!("{}", frame.print()),
                None => println!("no frame"),
            }
        }
        stream.shutdown(Shutdown::Write)?;
        for frame in reader {
            println!("{}", frame?.print());
        }
        Ok(())
    }};
}

include!("formats.rs");

/// What is said for one question, line by line.
struct Answer {
    decoder: Box<dyn Peer>,
    skipped: Receiver<Failure>,
    lines: Vec<String>,
    frames: i64,
    has_failed: bool,
}

impl Answer {
    fn new(format: &Format) -> Self {
        let (sender, skipped) = mpsc::channel();
        let decoder = (format.decoder)(sender);
        Self {
            decoder,
            skipped,
            lines: Vec::new(),
            frames: 0,
            has_failed: false,
        }
    }

    /// Takes all frames that are there, or as many as are wanted.
    fn take(&mut self, most: i64) {
        while !self.has_failed && self.frames != most {
            let result = self.decoder.next_word();
            let skipped = self.skipped.try_iter();
            self.lines
                .extend(skipped.map(|failure| format!("skipped {failure}")));
            match result {
                Ok(Some(word)) => {
                    self.lines.push(format!("frame {word}"));
                    self.frames += 1;
                }
                Ok(None) => return,
                Err(failure) => {
                    self.lines.push(format!("error {failure}"));
                    self.has_failed = true;
                }
            }
        }
    }
}

fn decode(format: &Format, verb: &str, chunks: &[&str]) -> Vec<String> {
    let mut answer = Answer::new(format);
    for chunk in chunks {
        answer.decoder.push(&Vec::read(chunk));
        answer.take(-1);
        if answer.has_failed {
            return answer.lines;
        }
        if verb == "feed" {
            answer.lines.push("chunk".to_string());
        }
    }
    if verb == "decode" {
        answer.decoder.end();
        answer.take(-1);
    }
    answer.lines
}

fn take(format: &Format, most: i64, chunks: &[&str]) -> Vec<String> {
    let mut answer = Answer::new(format);
    let mut unread = Vec::new();
    for chunk in chunks {
        if answer.has_failed || answer.frames == most {
            unread.extend(Vec::read(chunk));
        } else {
            answer.decoder.push(&Vec::read(chunk));
            answer.take(most);
        }
    }
    let mut left = answer.decoder.unread();
    left.extend(unread);
    answer.lines.push(format!("bytes {}", left.print()));
    answer.lines
}

fn encode(format: &Format, words: &[&str]) -> Vec<String> {
    let encoded = words.iter().map(|word| (format.encode)(word));
    encoded
        .map(|result| match result {
            Ok(bytes) => format!("bytes {}", bytes.print()),
            Err(failure) => format!("error {failure}"),
        })
        .collect()
}

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [name, port, words @ ..] = args.as_slice() {
        return talk(name, port.parse().expect("a port is a number"), words);
    }
    let formats = formats();
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split(' ').collect();
        let name = words[0]
            .strip_prefix('@')
            .expect("a question begins with a format");
        let format = &formats[name];
        let lines = match words[1] {
            "encode" => encode(format, &words[2..]),
            "take" => take(
                format,
                words[2].parse().expect("a number of frames"),
                &words[3..],
            ),
            verb => decode(format, verb, &words[2..]),
        };
        for line in lines {
            writeln!(output, "{line}")?;
        }
        writeln!(output, "done")?;
        output.flush()?;
    }
    Ok(())
}

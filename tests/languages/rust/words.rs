//! Bytes as words of the protocol. This is a crate of its own, which is optimised: most
//! of the time of the program would go into it.
#![deny(warnings)]

/// The bytes in hexadecimal, `-` for none.
pub fn print_bytes(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".to_string();
    }
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// The bytes of a word.
pub fn read_bytes(word: &str) -> Vec<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .expect("a word is hexadecimal") as u8
    };
    let pairs = word
        .strip_prefix('-')
        .unwrap_or(word)
        .as_bytes()
        .chunks_exact(2);
    pairs
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

//! Texts in base64, perhaps of something compressed, as user data of machines is.

use base64::Engine;
use std::io::Read;

/// How much of a compressed text is looked at; user data may not be longer than 16 KiB.
const MOST: u64 = 1 << 20;

/// The text within, if the whole is base64 of one.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let compact: String = text.split_ascii_whitespace().collect();
    if compact.len() < 16 {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(compact).ok()?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).take(MOST).read_to_end(&mut text).ok()?;
        return String::from_utf8(text).ok();
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_compressed_text_is_read() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"#!/bin/sh\necho hello").unwrap();
        let text = base64::engine::general_purpose::STANDARD.encode(encoder.finish().unwrap());
        assert_eq!(decoded(&text).as_deref(), Some("#!/bin/sh\necho hello"));
        assert_eq!(decoded("not base64, but a sentence"), None);
    }
}

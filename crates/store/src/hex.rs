//! Bytes as hexadecimal digits, and back.

/// The digits of bytes.
pub(crate) fn hexed(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// Bytes of digits; what holds anything else has none.
pub(crate) fn unhexed(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap_or_default(), 16));
    bytes.collect::<Result<_, _>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_read_back_and_anything_else_is_nothing() {
        assert_eq!(unhexed(&hexed(&[0, 15, 16, 255])), [0, 15, 16, 255]);
        for text in ["", "xy", "0g", "ü"] {
            assert!(unhexed(text).is_empty(), "{text}");
        }
    }
}

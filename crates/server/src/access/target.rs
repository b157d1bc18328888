//! Where somebody goes after signing in.

/// The place within the console that an address names; the overview where it names anything else. Browsers take
/// `//host` and `/\host` for other servers, and drop some control characters before they look.
pub(crate) fn safe_target(text: &str) -> &str {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_within = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/sign-");
    if is_plain && is_within { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for place in ["/", "/findings?status=failed&q=a%20b", "/assets/5#top"] {
            assert_eq!(safe_target(place), place);
        }
        for place in [
            "",
            "findings",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "javascript:alert(1)",
            " //evil.example",
            "/ü",
            "/x\r\nSet-Cookie: a=b",
            "/sign-in?to=/sign-in",
        ] {
            assert_eq!(safe_target(place), "/", "{place:?}");
        }
    }
}

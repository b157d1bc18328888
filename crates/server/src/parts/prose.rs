//! Prose with code in it.

use maud::{Markup, html};

/// Text in which what stands between backticks is code; a backtick that has no partner stands for itself.
pub(crate) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    let paired = parts.len() - 1 - (parts.len() - 1) % 2;
    html! {
        @for (place, part) in parts.iter().enumerate() {
            @if place % 2 == 1 && place < paired { code { (part) } } @else if place > paired { "`" (part) } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code_and_nothing_is_markup() {
        let shown = |text: &str| prose(text).into_string();
        assert_eq!(shown("set `a` and `b`."), "set <code>a</code> and <code>b</code>.");
        assert_eq!(shown("it's 5` long"), "it's 5` long");
        assert_eq!(shown("`a` and `b"), "<code>a</code> and `b");
        assert_eq!(shown("`<b>`<i>"), "<code>&lt;b&gt;</code>&lt;i&gt;");
        assert_eq!(shown(""), "");
    }
}

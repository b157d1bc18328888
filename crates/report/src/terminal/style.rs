//! Colours, where they are asked for.

use stance_model::Severity;

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Unsure,
    Alarm,
    Low,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Unsure => "33",
            Self::Alarm => "1;97;41",
            Self::Low => "36",
        }
    }

    pub fn of_severity(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Alarm,
            Severity::High => Self::Bad,
            Severity::Medium => Self::Unsure,
            Severity::Low => Self::Low,
            Severity::Info => Self::Dim,
        }
    }
}

/// Whether to write colours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    pub colour: bool,
}

impl Paint {
    /// The text in its colours.
    pub fn paint(self, style: Style, text: &str) -> String {
        if self.colour && style != Style::Plain && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.code())
        } else {
            text.to_owned()
        }
    }
}

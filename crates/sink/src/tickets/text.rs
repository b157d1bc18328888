//! What a ticket says, before a tracker's own markup.

use super::Ticket;
use crate::metrics::count;

/// A part of a ticket's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Block<'a> {
    /// A paragraph.
    Paragraph(Vec<Span<'a>>),
    /// The heading of what follows.
    Heading(&'static str),
    /// A list with a dot before each item.
    List(Vec<Span<'a>>),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Span<'a> {
    /// Words of ours.
    Words(String),
    /// A name from the estate, shown as it is: it calls nobody and makes no link.
    Name(&'a str),
    /// A link of the catalog's.
    Link(&'a str),
}

impl Ticket {
    /// The line by which people know it.
    pub fn headline(&self) -> String {
        format!("[{}] {} ({})", self.severity, self.title, self.key.account)
    }

    /// What it says.
    pub fn blocks(&self) -> Vec<Block<'_>> {
        let words = |text: &str| Span::Words(text.to_owned());
        let fail = if self.count == 1 { "resource fails" } else { "resources fail" };
        let mut blocks = vec![Block::Paragraph(vec![
            Span::Words(format!("{} {fail} the rule ", self.count)),
            Span::Name(&self.key.rule),
            words(" in account "),
            Span::Name(&self.key.account),
            words("."),
        ])];
        if !self.rationale.is_empty() {
            blocks.push(Block::Paragraph(vec![words(&self.rationale)]));
        }
        let mut named: Vec<Span<'_>> = self.resources.iter().map(|name| Span::Name(name)).collect();
        let more = self.count.saturating_sub(count(self.resources.len()));
        if more > 0 {
            named.push(Span::Words(format!("and {more} more")));
        }
        blocks.push(Block::List(named));
        if !self.remediation.is_empty() {
            blocks.push(Block::Heading("How to mend it"));
            blocks.push(Block::Paragraph(vec![words(&self.remediation)]));
        }
        if !self.references.is_empty() {
            blocks.push(Block::List(self.references.iter().map(|link| Span::Link(link)).collect()));
        }
        blocks.push(Block::Paragraph(vec![words(
            "Stance keeps this text up to date and closes the issue when nothing fails any more.",
        )]));
        blocks
    }
}

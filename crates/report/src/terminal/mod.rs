//! A page of text for people at a terminal.

mod gaps;
mod head;
mod layout;
mod rules;
mod scopes;
mod style;
mod table;
mod tables;

use layout::wrap;
pub(crate) use layout::{name, prose, short_name};
pub(crate) use style::{Paint, Style};

use crate::WriteError;
use crate::digest::Digest;
use crate::gaps::Gaps;
use crate::groups::FailingRule;
use stance_model::{Findings, Report};
use std::io::{self, Write};

/// How the page of text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether to write colours.
    pub colour: bool,
    /// How many columns there are.
    pub width: usize,
    /// How many failing rules are shown in full.
    pub most: usize,
    /// Whether to write only how it stands, without rules and tables.
    pub quiet: bool,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self { colour: false, width: 100, most: 20, quiet: false }
    }
}

/// Below this nothing can be aligned; lines are then longer than the terminal and it wraps them.
const NARROWEST: usize = 60;
/// Beyond this, lines of prose are hard to read.
const WIDEST: usize = 120;

pub(crate) fn write(
    report: &Report<dyn Findings>,
    options: &TerminalOptions,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let mut page = Page::new(options, out);
    head::write(&mut page, report)?;
    let Digest { failing, gaps, .. } = Digest::of(report)?;
    if options.quiet {
        rules::count(&mut page, &failing)?;
        gaps::count(&mut page, report, &gaps)?;
        return Ok(());
    }
    rules::write(&mut page, &failing, options.most, crate::overview::has_many_scopes(report))?;
    tables::scopes(&mut page, report)?;
    tables::services(&mut page, report)?;
    tables::benchmarks(&mut page, report)?;
    tables::sections(&mut page, report)?;
    gaps::write(&mut page, report, &gaps)?;
    scopes::unscanned(&mut page, report)?;
    exceptions(&mut page, report)?;
    next(&mut page, &failing, &gaps)?;
    Ok(())
}

/// What whoever answers for the exceptions should know.
fn exceptions(page: &mut Page<'_>, report: &Report<dyn Findings>) -> io::Result<()> {
    if report.exception_notices.is_empty() {
        return Ok(());
    }
    page.heading("About the exceptions")?;
    for notice in &report.exception_notices {
        page.indented(2, &prose(notice), Style::Unsure)?;
    }
    Ok(())
}

fn next(page: &mut Page<'_>, failing: &[FailingRule<'_>], gaps: &Gaps) -> io::Result<()> {
    page.blank()?;
    let way = match failing.first() {
        Some(worst) => format!(
            "`stance rules show {}` explains the worst of these; `--format html` writes every \
             finding with its evidence",
            name(worst.id.as_str())
        ),
        None if gaps.is_empty() => "nothing fails; keep it so with a scheduled scan".to_owned(),
        None => "grant what is missing above and scan again; until then much is unknown".to_owned(),
    };
    page.labelled("Next", Style::Bold, &way, Style::Plain)
}

/// A page while it is written.
pub(crate) struct Page<'a> {
    out: &'a mut dyn Write,
    paint: Paint,
    width: usize,
}

impl<'a> Page<'a> {
    pub fn new(options: &TerminalOptions, out: &'a mut dyn Write) -> Self {
        Self { out, paint: Paint { colour: options.colour }, width: options.width.clamp(NARROWEST, WIDEST) }
    }

    pub fn paint(&self, style: Style, text: &str) -> String {
        self.paint.paint(style, text)
    }

    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    pub fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        self.blank()?;
        self.indented(0, text, Style::Bold)
    }

    /// Prose, wrapped, each line behind as many blanks.
    pub fn indented(&mut self, indent: usize, text: &str, style: Style) -> io::Result<()> {
        for line in wrap(text, self.width.saturating_sub(indent)) {
            let line = format!("{}{}", " ".repeat(indent), self.paint(style, &line));
            self.line(&line)?;
        }
        Ok(())
    }

    /// A word in the margin and text beside it.
    pub fn labelled(&mut self, label: &str, label_style: Style, text: &str, style: Style) -> io::Result<()> {
        for (index, line) in wrap(text, self.width.saturating_sub(MARGIN)).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let blanks = " ".repeat(MARGIN.saturating_sub(layout::cells(label)));
            let line = format!("{}{blanks}{}", self.paint(label_style, label), self.paint(style, line));
            self.line(&line)?;
        }
        Ok(())
    }
}

/// Where text begins that has a word in the margin before it.
pub(crate) const MARGIN: usize = 10;

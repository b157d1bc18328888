//! The document, read back by a reader that is not ours.

use crate::formats::bytes;
use crate::hostile::{NASTY, hostile};
use crate::large::Many;
use crate::sample::{self, Names};
use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object};
use stance_model::{Findings, Report, printable};
use stance_report::{Format, TerminalOptions, write};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The part of an A4 page that text may take, in points: left, bottom, right, top.
const BOUNDS: [f32; 4] = [53.9, 28.0, 541.4, 815.0];

/// A font as it was embedded.
struct Font {
    widths: BTreeMap<u16, f32>,
    chars: BTreeMap<u16, char>,
}

/// Text in one style.
struct Piece {
    text: String,
    x: f32,
    y: f32,
    /// Where its last letter ends.
    end: f32,
}

/// A document, and the text of its pages.
pub struct Pdf {
    file: Document,
    pages: Vec<Vec<Piece>>,
}

fn number(object: &Object) -> f32 {
    object.as_float().unwrap()
}

impl Pdf {
    pub fn of(bytes: &[u8]) -> Self {
        let file = Document::load_mem(bytes).unwrap();
        let mut pdf = Self { file, pages: Vec::new() };
        let pages: Vec<_> = pdf.file.get_pages().into_values().collect();
        for id in &pages {
            let content = Content::decode(&pdf.file.get_page_content(*id)).unwrap();
            let fonts: BTreeMap<Vec<u8>, Font> = pdf
                .file
                .get_page_fonts(*id)
                .unwrap()
                .iter()
                .map(|(name, font)| (name.clone(), pdf.font(font)))
                .collect();
            let (mut pieces, mut name, mut size, mut place) = (Vec::new(), Vec::new(), 0.0, (0.0, 0.0));
            for operation in content.operations {
                let operands = &operation.operands;
                match operation.operator.as_str() {
                    "Tf" => {
                        name = operands[0].as_name().unwrap().to_vec();
                        size = number(&operands[1]);
                    }
                    "Tm" => place = (number(&operands[4]), number(&operands[5])),
                    "Tj" => {
                        let font = &fonts[&name];
                        let (mut text, mut x, mut end) = (String::new(), place.0, place.0);
                        for pair in operands[0].as_str().unwrap().chunks(2) {
                            let id = u16::from_be_bytes([pair[0], pair[1]]);
                            x += font.widths[&id] * size / 1000.0;
                            text.push(font.chars[&id]);
                            end = if font.chars[&id] == ' ' { end } else { x };
                        }
                        pieces.push(Piece { text, x: place.0, y: place.1, end });
                    }
                    _ => {}
                }
            }
            pdf.pages.push(pieces);
        }
        pdf
    }

    fn font(&self, font: &Dictionary) -> Font {
        let descendants = font.get_deref(b"DescendantFonts", &self.file).unwrap();
        let descendant = match descendants {
            Object::Array(list) => self.file.dereference(&list[0]).unwrap().1.as_dict().unwrap(),
            other => other.as_dict().unwrap(),
        };
        let mut widths = BTreeMap::new();
        for triple in descendant.get(b"W").unwrap().as_array().unwrap().chunks(3) {
            widths.insert(u16::try_from(triple[0].as_i64().unwrap()).unwrap(), number(&triple[2]));
        }
        let map = font.get_deref(b"ToUnicode", &self.file).unwrap().as_stream().unwrap();
        let map = String::from_utf8(map.decompressed_content().unwrap()).unwrap();
        let mut chars = BTreeMap::new();
        for line in map.split("beginbfchar").skip(1) {
            for line in line.split("endbfchar").next().unwrap().lines().filter(|line| line.starts_with('<')) {
                let hex: Vec<_> = line.split(['<', '>', ' ']).filter(|part| !part.is_empty()).collect();
                let code = u32::from_str_radix(hex[1], 16).unwrap();
                chars.insert(u16::from_str_radix(hex[0], 16).unwrap(), char::from_u32(code).unwrap());
            }
        }
        Font { widths, chars }
    }

    /// All text, without blanks, since lines break anywhere.
    fn text(&self) -> String {
        self.pages
            .iter()
            .flatten()
            .flat_map(|piece| piece.text.chars())
            .filter(|c| !c.is_whitespace())
            .collect()
    }

    fn has(&self, text: &str) -> bool {
        self.text().contains(&text.split_whitespace().collect::<String>())
    }

    /// The titles of the outline with the pages they lead to, chapters only.
    fn chapters(&self) -> Vec<(String, usize)> {
        let pages: Vec<_> = self.file.get_pages().into_values().collect();
        let outline =
            self.file.catalog().unwrap().get_deref(b"Outlines", &self.file).unwrap().as_dict().unwrap();
        let mut chapters = Vec::new();
        let mut next = outline.get_deref(b"First", &self.file).ok().cloned();
        while let Some(item) = next {
            let item = item.as_dict().unwrap();
            let page = item.get(b"Dest").unwrap().as_array().unwrap()[0].as_reference().unwrap();
            let title = lopdf::decode_text_string(item.get(b"Title").unwrap()).unwrap();
            chapters.push((title, pages.iter().position(|id| *id == page).unwrap() + 1));
            next = item.get_deref(b"Next", &self.file).ok().cloned();
        }
        chapters
    }

    /// Fails where text leaves its part of the page, or lines lie on each other.
    fn check_layout(&self) {
        let [left, bottom, right, top] = BOUNDS;
        for (page, pieces) in self.pages.iter().enumerate() {
            for Piece { text, x, y, end } in pieces {
                let is_within = *x >= left && *end <= right && *y >= bottom && *y <= top;
                assert!(is_within, "page {}: {text:?} at {x}, {y} to {end}", page + 1);
            }
            let mut lines: Vec<_> = pieces.iter().filter(|piece| !piece.text.trim().is_empty()).collect();
            lines.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
            for pair in lines.windows(2) {
                let overlap = pair[0].end > pair[1].x + 0.1 && (pair[1].y - pair[0].y) < 0.1;
                assert!(!overlap, "page {}: {:?} lies on {:?}", page + 1, pair[0].text, pair[1].text);
            }
        }
    }

    /// Fails where the tree of what stands on the pages and the pages do not agree.
    fn check_tree(&self) {
        let catalog = self.file.catalog().unwrap();
        assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"en");
        let root = catalog.get_deref(b"StructTreeRoot", &self.file).unwrap().as_dict().unwrap();
        let document = root.get(b"K").unwrap();
        let document = if let Object::Array(list) = document { &list[0] } else { document };
        let mut marked = BTreeSet::new();
        let mut waiting = vec![document.as_reference().unwrap()];
        while let Some(id) = waiting.pop() {
            let element = self.file.get_object(id).unwrap().as_dict().unwrap();
            let children = match element.get(b"K") {
                Ok(Object::Array(children)) => children.clone(),
                Ok(child) => vec![child.clone()],
                Err(_) => Vec::new(),
            };
            for child in children {
                match child {
                    Object::Reference(id) => waiting.push(id),
                    Object::Dictionary(child) if child.has(b"MCID") => {
                        let page = child.get(b"Pg").unwrap().as_reference().unwrap();
                        assert!(marked.insert((page, child.get(b"MCID").unwrap().as_i64().unwrap())));
                    }
                    _ => {}
                }
            }
        }
        for id in self.file.get_pages().into_values() {
            let content = Content::decode(&self.file.get_page_content(id)).unwrap();
            for operation in content.operations.iter().filter(|it| it.operator == "BDC") {
                let Object::Dictionary(properties) = &operation.operands[1] else { continue };
                if let Ok(number) = properties.get(b"MCID") {
                    assert!(marked.remove(&(id, number.as_i64().unwrap())), "text that no element holds");
                }
            }
        }
        assert!(marked.is_empty(), "elements hold text that no page has");
    }
}

/// What must be so for any report.
pub fn check(report: &Report) {
    let pdf = Pdf::of(&bytes(report, Format::Pdf));
    pdf.check_layout();
    pdf.check_tree();
    for piece in pdf.pages.iter().flatten() {
        assert!(matches!(printable(&piece.text), Cow::Borrowed(_)), "{:?}", piece.text);
    }
}

fn pdf(report: &Report) -> Pdf {
    Pdf::of(&bytes(report, Format::Pdf))
}

#[test]
fn the_document_says_what_the_report_says() {
    let report = sample::organization(&Names::default());
    let pdf = pdf(&report);
    pdf.check_layout();
    pdf.check_tree();
    for said in [
        "Cloud security posture report",
        "AWS organization o-exampleorgid, 2 accounts",
        "CIS Amazon Web Services Foundations Benchmark 3.0",
        "Buckets deny plain HTTP",
        "role `cloudbeat-securityaudit` cannot be assumed (AccessDenied)",
        "left out by status SUSPENDED",
        "not enabled for this account",
        "ec2:DescribeInstances",
        "Old clients cannot do better",
        "web-team",
        "2026-12-31",
        "exception legacy ended on 2026-01-31",
        "Whoever shares the network path can read and change what is sent.",
        "aws s3api put-bucket-policy --bucket billing-exports --policy file://{file}",
        "Policy.Statement = [{\"Effect\":\"Allow\"",
        "arn:aws:iam::123456789012:user/ci",
    ] {
        assert!(pdf.has(&said.replace('`', "")) || pdf.has(said), "{said}");
    }
}

#[test]
fn the_outline_and_the_contents_lead_to_the_chapters() {
    let pdf = pdf(&sample::organization(&Names::default()));
    let chapters = pdf.chapters();
    let titles: Vec<_> = chapters.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Summary",
            "Scope and method",
            "Benchmarks",
            "Failed rules",
            "Accepted exceptions",
            "Appendix A: rules evaluated",
            "Appendix B: what could not be read",
        ]
    );
    let line = |page: &[Piece], y: f32| -> String {
        page.iter().filter(|it| (it.y - y).abs() < 0.1).map(|it| it.text.as_str()).collect()
    };
    for (title, page) in chapters {
        assert_eq!(pdf.pages[page - 1].iter().filter(|piece| piece.text == title).count(), 1, "{title}");
        // the second page is the table of contents
        let entry = pdf.pages[1].iter().find(|piece| piece.text == title).unwrap();
        assert_eq!(line(&pdf.pages[1], entry.y), format!("{title}{page}"));
        assert!(
            pdf.pages[page - 1]
                .iter()
                .any(|piece| piece.text == format!("Page {page} of {}", pdf.pages.len()))
        );
    }
}

#[test]
fn the_same_report_makes_the_same_file() {
    let report = sample::organization(&Names::default());
    assert_eq!(bytes(&report, Format::Pdf), bytes(&report, Format::Pdf));
}

#[test]
fn names_in_greek_and_cyrillic_are_printed_and_those_the_fonts_lack_are_spelled_out() {
    let names = Names { bucket: "αποθήκη-склад-été-日本".into(), ..Names::default() };
    let pdf = pdf(&sample::report(&names));
    assert!(pdf.has("αποθήκη-склад-été-\\u{65e5}\\u{672c}"));
}

#[test]
fn a_very_long_name_stays_in_its_cell() {
    for name in ["x".repeat(1_000), "\u{202e}".repeat(1_000), "日本-".repeat(400), "W W".repeat(400)] {
        check(&hostile(&name));
    }
    check(&hostile(&NASTY.concat().repeat(20)));
}

#[test]
fn a_report_of_nothing_is_a_document_too() {
    let mut report = sample::report(&Names::default());
    report.findings.clear();
    report.rules.clear();
    report.benchmarks.clear();
    report.runs.clear();
    report.score = stance_model::Score::default();
    check(&report);
}

#[test]
fn three_hundred_thousand_findings_make_a_document_of_bounded_size() {
    let size = |count: usize| {
        let many = Many { count };
        assert_eq!(many.count(), count);
        let report = many.report();
        let report: &Report<dyn Findings> = &report;
        let mut bytes = Vec::new();
        write(report, Format::Pdf, &TerminalOptions::default(), &mut bytes).unwrap();
        let pdf = Pdf::of(&bytes);
        pdf.check_layout();
        (bytes.len(), pdf.pages.len())
    };
    let (small, large) = (size(3_000), size(300_000));
    assert_eq!(small.1, large.1);
    assert!(large.0 < small.0 + 2_000, "{small:?} {large:?}");
}

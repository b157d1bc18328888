//! A workbook that is being written, sheet after sheet.

use super::archive::Archive;
use super::cells::{self, Strings, Value, letters};
use crate::xml::Xml;
use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The most rows of a sheet: the format's own limit.
const MOST_ROWS: usize = 1_048_576;
/// The most of a sheet before it is packed: some readers stop at 4 GB.
const MOST_BYTES: u64 = 3 << 30;

const STYLES: &str = include_str!("styles.xml");
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const DOCUMENT: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The words that cells are coloured by, and the number of each colour in `styles.xml`.
const COLOURED: [(&str, usize); 12] = [
    ("critical", 0),
    ("high", 1),
    ("medium", 2),
    ("low", 3),
    ("info", 4),
    ("fail", 5),
    ("unknown", 6),
    ("pass", 7),
    ("manual", 8),
    ("excepted", 8),
    ("nothing to assess", 8),
    ("not assessed", 8),
];

/// A column of a sheet.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub title: &'static str,
    /// In digits of the default font.
    pub width: u32,
    /// Whether its words have colours: severities, statuses, assessments.
    pub is_coloured: bool,
}

impl Column {
    pub const fn new(title: &'static str, width: u32) -> Self {
        Self { title, width, is_coloured: false }
    }

    pub const fn coloured(title: &'static str, width: u32) -> Self {
        Self { title, width, is_coloured: true }
    }
}

/// A sheet that was written.
struct Written {
    name: String,
    /// The cells that can be filtered.
    filter: Option<String>,
}

/// A sheet that is being written.
struct Open<'c> {
    name: String,
    columns: &'c [Column],
    has_head: bool,
    rows: usize,
}

/// A workbook that is being written.
pub(super) struct Book<'w, 'c> {
    archive: Archive<'w>,
    strings: Strings,
    written: Vec<Written>,
    open: Option<Open<'c>>,
    made: DateTime<Utc>,
    /// Of a sheet; only tests make it smaller than the format does.
    pub most_rows: usize,
    line: String,
}

impl<'w, 'c> Book<'w, 'c> {
    /// Starts a workbook that says it was made at a moment.
    pub fn new(out: &'w mut dyn Write, made: DateTime<Utc>) -> Self {
        Self {
            archive: Archive::new(out, made),
            strings: Strings::default(),
            written: Vec::new(),
            open: None,
            made,
            most_rows: MOST_ROWS,
            line: String::new(),
        }
    }

    /// Begins a sheet with a head that stays in sight and can be filtered by.
    pub fn begin(&mut self, name: &str, columns: &'c [Column]) -> io::Result<()> {
        self.start(name, columns, true)?;
        self.line.clear();
        self.line.push_str("<row r=\"1\" ht=\"20\" customHeight=\"1\">");
        for (place, column) in columns.iter().enumerate() {
            cells::head(&mut self.line, place, 1, column.title);
        }
        self.line.push_str("</row>");
        self.archive.write(&self.line)?;
        if let Some(open) = &mut self.open {
            open.rows = 1;
        }
        Ok(())
    }

    /// Begins a sheet of several small tables.
    pub fn begin_free(&mut self, name: &str, columns: &'c [Column]) -> io::Result<()> {
        self.start(name, columns, false)
    }

    fn start(&mut self, name: &str, columns: &'c [Column], has_head: bool) -> io::Result<()> {
        self.archive.begin(&format!("xl/worksheets/sheet{}.xml", self.written.len() + 1))?;
        let mut text = format!("{DECLARATION}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView ");
        if self.written.is_empty() {
            text.push_str("tabSelected=\"1\" ");
        }
        text.push_str("showGridLines=\"0\" workbookViewId=\"0\">");
        if has_head {
            text.push_str(
                "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
                 <selection pane=\"bottomLeft\" activeCell=\"A2\" sqref=\"A2\"/>",
            );
        }
        text.push_str("</sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>");
        for (place, column) in (1..).zip(columns) {
            let width = column.width;
            let _ =
                write!(text, "<col min=\"{place}\" max=\"{place}\" width=\"{width}\" customWidth=\"1\"/>");
        }
        text.push_str("</cols><sheetData>");
        self.archive.write(&text)?;
        self.open = Some(Open { name: name.to_owned(), columns, has_head, rows: 0 });
        Ok(())
    }

    /// Whether the open sheet takes no more rows.
    pub fn is_full(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.rows >= self.most_rows) || self.archive.size() > MOST_BYTES
    }

    /// Adds a row.
    pub fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        let Some(open) = &mut self.open else {
            return Err(io::Error::other("no sheet of the workbook is open"));
        };
        open.rows += 1;
        let row = open.rows;
        self.line.clear();
        let _ = write!(self.line, "<row r=\"{row}\">");
        for (column, value) in values.iter().enumerate() {
            cells::write(&mut self.line, column, row, value, &mut self.strings);
        }
        self.line.push_str("</row>");
        self.archive.write(&self.line)
    }

    /// Adds the head of a small table.
    pub fn head(&mut self, titles: &[&str]) -> io::Result<()> {
        let Some(open) = &mut self.open else {
            return Err(io::Error::other("no sheet of the workbook is open"));
        };
        open.rows += 1;
        let row = open.rows;
        self.line.clear();
        let _ = write!(self.line, "<row r=\"{row}\">");
        for (column, title) in titles.iter().enumerate() {
            cells::head(&mut self.line, column, row, title);
        }
        self.line.push_str("</row>");
        self.archive.write(&self.line)
    }

    /// Ends the open sheet.
    pub fn end(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let mut text = String::from("</sheetData>");
        let last = open.rows.max(1);
        let filter = open.has_head.then(|| {
            let column = letters(open.columns.len().saturating_sub(1));
            let _ = write!(text, "<autoFilter ref=\"A1:{column}{last}\"/>");
            format!("$A$1:${column}${last}")
        });
        let mut priority = 1;
        for (place, _) in open.columns.iter().enumerate().filter(|(_, column)| column.is_coloured) {
            let column = letters(place);
            let _ = write!(text, "<conditionalFormatting sqref=\"{column}1:{column}{last}\">");
            for (word, colour) in COLOURED {
                let _ = write!(
                    text,
                    "<cfRule type=\"cellIs\" dxfId=\"{colour}\" priority=\"{priority}\" operator=\"equal\">\
                     <formula>\"{word}\"</formula></cfRule>"
                );
                priority += 1;
            }
            text.push_str("</conditionalFormatting>");
        }
        let _ = write!(
            text,
            "<pageMargins left=\"0.5\" right=\"0.5\" top=\"0.6\" bottom=\"0.6\" header=\"0.3\" footer=\"0.3\"/>\
             <pageSetup paperSize=\"9\" orientation=\"landscape\"/>\
             <ignoredErrors><ignoredError sqref=\"A1:AZ{last}\" numberStoredAsText=\"1\"/></ignoredErrors>\
             </worksheet>"
        );
        self.archive.write(&text)?;
        self.archive.end()?;
        self.written.push(Written { name: open.name, filter });
        Ok(())
    }

    /// Writes the parts that bind the sheets together.
    pub fn finish(mut self, title: &str, producer: &str) -> io::Result<()> {
        self.end()?;
        self.shared_strings()?;
        self.part("xl/styles.xml", STYLES)?;
        let (mut sheets, mut names, mut relations, mut types) = Default::default();
        describe(&self.written, &mut sheets, &mut names, &mut relations, &mut types);
        let names = if names.is_empty() { names } else { format!("<definedNames>{names}</definedNames>") };
        self.part(
            "xl/workbook.xml",
            &format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{DOCUMENT}\"><sheets>{sheets}</sheets>{names}</workbook>"
            ),
        )?;
        self.part(
            "xl/_rels/workbook.xml.rels",
            &format!("<Relationships xmlns=\"{PACKAGE}\">{relations}</Relationships>"),
        )?;
        let made = self.made.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.part(
            "docProps/core.xml",
            &format!(
                "<cp:coreProperties \
                 xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
                 xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title>\
                 <dc:creator>{}</dc:creator><dc:language>en</dc:language>\
                 <dcterms:created xsi:type=\"dcterms:W3CDTF\">{made}</dcterms:created></cp:coreProperties>",
                Xml(title),
                Xml(producer)
            ),
        )?;
        self.part(
            "_rels/.rels",
            &format!(
                "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r1\" Type=\"{DOCUMENT}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/><Relationship Id=\"r2\" \
                 Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
                 Target=\"docProps/core.xml\"/></Relationships>"
            ),
        )?;
        self.part(
            "[Content_Types].xml",
            &format!(
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                 <Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Default Extension=\"xml\" ContentType=\"application/xml\"/>{types}</Types>"
            ),
        )?;
        self.archive.finish()
    }

    fn part(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.archive.begin(name)?;
        self.archive.write(DECLARATION)?;
        self.archive.write(text)?;
        self.archive.end()
    }

    fn shared_strings(&mut self) -> io::Result<()> {
        self.archive.begin("xl/sharedStrings.xml")?;
        let texts = self.strings.texts();
        self.archive.write(&format!(
            "{DECLARATION}<sst xmlns=\"{MAIN}\" count=\"{}\" uniqueCount=\"{}\">",
            self.strings.uses,
            texts.len()
        ))?;
        for text in texts {
            let text = Xml(&cells::harmless(text)).to_string();
            self.archive.write(&format!("<si><t xml:space=\"preserve\">{text}</t></si>"))?;
        }
        self.archive.write("</sst>")?;
        self.archive.end()
    }
}

/// How the workbook, its relations and its content types name each part.
fn describe(
    written: &[Written],
    sheets: &mut String,
    names: &mut String,
    relations: &mut String,
    types: &mut String,
) {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut relate = |id: &str, kind: &str, target: &str| {
        let _ =
            write!(relations, "<Relationship Id=\"{id}\" Type=\"{DOCUMENT}/{kind}\" Target=\"{target}\"/>");
    };
    let mut kind = |part: &str, kind: &str| {
        let _ = write!(types, "<Override PartName=\"{part}\" ContentType=\"{kind}\"/>");
    };
    kind("/xl/workbook.xml", &format!("{KIND}.sheet.main+xml"));
    for (number, sheet) in (1..).zip(written) {
        let name = Xml(&sheet.name);
        let _ = write!(sheets, "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"s{number}\"/>");
        relate(&format!("s{number}"), "worksheet", &format!("worksheets/sheet{number}.xml"));
        kind(&format!("/xl/worksheets/sheet{number}.xml"), &format!("{KIND}.worksheet+xml"));
        if let Some(filter) = &sheet.filter {
            let _ = write!(
                names,
                "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{}\" hidden=\"1\">'{name}'!{filter}\
                 </definedName>",
                number - 1
            );
        }
    }
    relate("styles", "styles", "styles.xml");
    relate("strings", "sharedStrings", "sharedStrings.xml");
    kind("/xl/styles.xml", &format!("{KIND}.styles+xml"));
    kind("/xl/sharedStrings.xml", &format!("{KIND}.sharedStrings+xml"));
    kind("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml");
}

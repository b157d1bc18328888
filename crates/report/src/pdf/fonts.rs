//! The fonts of the report: measuring, and embedding of what was used of them.
//!
//! They have Latin, Greek and Cyrillic. A character that a font lacks is written out as `\u{…}`,
//! the way control characters are, so that a name in another script is never silently lost.

use super::file::File;
use flate2::read::ZlibDecoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::writers::{CidFont, FontDescriptor, Type0Font};
use pdf_writer::{Name, Rect, Ref, Str};
use stance_model::printable;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};
use std::sync::OnceLock;
use subsetter::GlyphRemapper;

/// A font of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// Running text.
    Regular,
    /// Headings and what stands out.
    Bold,
    /// Code, ids and commands.
    Code,
}

impl Face {
    pub const ALL: [Self; 3] = [Self::Regular, Self::Bold, Self::Code];

    /// The name by which pages call it.
    pub fn resource(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"R"),
            Self::Bold => Name(b"B"),
            Self::Code => Name(b"C"),
        }
    }

    /// Its name in the file; the prefix marks a subset.
    fn base_name(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"STANCE+NotoSans"),
            Self::Bold => Name(b"STANCF+NotoSans-Bold"),
            Self::Code => Name(b"STANCG+Hack-Regular"),
        }
    }

    fn data(self) -> io::Result<&'static [u8]> {
        static UNPACKED: [OnceLock<Vec<u8>>; 3] = [const { OnceLock::new() }; 3];
        let packed: &[u8] = match self {
            Self::Regular => include_bytes!(concat!(env!("OUT_DIR"), "/regular.ttf.z")),
            Self::Bold => include_bytes!(concat!(env!("OUT_DIR"), "/bold.ttf.z")),
            Self::Code => include_bytes!(concat!(env!("OUT_DIR"), "/code.ttf.z")),
        };
        let [regular, bold, code] = &UNPACKED;
        let place = match self {
            Self::Regular => regular,
            Self::Bold => bold,
            Self::Code => code,
        };
        if let Some(data) = place.get() {
            return Ok(data);
        }
        let mut data = Vec::new();
        ZlibDecoder::new(packed).read_to_end(&mut data)?;
        Ok(place.get_or_init(|| data))
    }
}

/// A character as a font draws it.
#[derive(Clone, Copy)]
pub(super) struct Glyph {
    /// Its number in the embedded font.
    pub id: u16,
    /// How far it moves the pen, in thousandths of the font's size.
    pub advance: f32,
}

/// A font, and what was used of it.
struct Font {
    face: Face,
    parsed: ttf_parser::Face<'static>,
    /// Thousandths of the font's size, one of its own units.
    scale: f32,
    known: HashMap<char, Option<Glyph>>,
    used: GlyphRemapper,
    /// The character and the advance of each number in the embedded font.
    embedded: BTreeMap<u16, (char, f32)>,
}

impl Font {
    fn open(face: Face) -> io::Result<Self> {
        let parsed = ttf_parser::Face::parse(face.data()?, 0).map_err(io::Error::other)?;
        let scale = 1000.0 / f32::from(parsed.units_per_em());
        let mut used = GlyphRemapper::new();
        used.remap(0);
        let (known, embedded) = (HashMap::new(), BTreeMap::new());
        Ok(Self { face, parsed, scale, known, used, embedded })
    }

    fn glyph(&mut self, c: char) -> Option<Glyph> {
        if let Some(known) = self.known.get(&c) {
            return *known;
        }
        // a font may name its picture of what it lacks, number nought
        let found = self.parsed.glyph_index(c).filter(|found| found.0 > 0);
        let glyph = found.map(|found| {
            let advance = f32::from(self.parsed.glyph_hor_advance(found).unwrap_or_default()) * self.scale;
            let id = self.used.remap(found.0);
            self.embedded.entry(id).or_insert((c, advance));
            Glyph { id, advance }
        });
        self.known.insert(c, glyph);
        glyph
    }

    fn embed(&self, number: Ref, file: &mut File<'_>) -> io::Result<()> {
        let system = || SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        let [descendant, descriptor, program, unicode] = [(); 4].map(|()| file.number());
        let name = self.face.base_name();
        file.object(number, |object| {
            let mut font: Type0Font<'_> = object.start();
            font.base_font(name).encoding_predefined(Name(b"Identity-H"));
            font.descendant_font(descendant).to_unicode(unicode);
        })?;
        file.object(descendant, |object| {
            let mut font: CidFont<'_> = object.start();
            font.subtype(CidFontType::Type2).base_font(name).system_info(system());
            font.font_descriptor(descriptor).default_width(0.0);
            font.cid_to_gid_map_predefined(Name(b"Identity"));
            let mut widths = font.widths();
            for (id, (_, advance)) in &self.embedded {
                widths.same(*id, *id, *advance);
            }
        })?;
        let bounds = self.parsed.global_bounding_box();
        let scaled = |units: i16| f32::from(units) * self.scale;
        file.object(descriptor, |object| {
            let fixed = if self.face == Face::Code { FontFlags::FIXED_PITCH } else { FontFlags::empty() };
            let mut font: FontDescriptor<'_> = object.start();
            font.name(name).flags(FontFlags::SYMBOLIC | fixed).italic_angle(0.0);
            font.bbox(Rect::new(
                scaled(bounds.x_min),
                scaled(bounds.y_min),
                scaled(bounds.x_max),
                scaled(bounds.y_max),
            ));
            font.ascent(scaled(self.parsed.ascender())).descent(scaled(self.parsed.descender()));
            font.cap_height(self.parsed.capital_height().map_or(714.0, scaled));
            font.stem_v(if self.face == Face::Bold { 140.0 } else { 80.0 });
            font.font_file2(program);
        })?;
        let subset = subsetter::subset(self.face.data()?, 0, &self.used).map_err(io::Error::other)?;
        let length = i32::try_from(subset.len()).unwrap_or(i32::MAX);
        file.stream(program, &subset, |stream| {
            stream.pair(Name(b"Length1"), length);
        })?;
        let mut map = UnicodeCmap::new(Name(b"Unicode"), system());
        for (id, (c, _)) in &self.embedded {
            map.pair(*id, *c);
        }
        file.stream(unicode, map.finish().as_slice(), |_| {})
    }
}

/// All fonts of a report.
pub(super) struct Fonts([Font; 3]);

impl Fonts {
    pub fn open() -> io::Result<Self> {
        let [regular, bold, code] = Face::ALL.map(Font::open);
        Ok(Self([regular?, bold?, code?]))
    }

    /// The text as glyphs, whatever stands in it; a line feed is none.
    pub fn glyphs(&mut self, face: Face, text: &str) -> Vec<(char, Option<Glyph>)> {
        let [regular, bold, code] = &mut self.0;
        let font = match face {
            Face::Regular => regular,
            Face::Bold => bold,
            Face::Code => code,
        };
        let mut glyphs = Vec::with_capacity(text.len());
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                glyphs.push(('\n', None));
            }
            for c in printable(line).chars() {
                match font.glyph(c) {
                    Some(glyph) => glyphs.push((c, Some(glyph))),
                    None => glyphs.extend(c.escape_unicode().map(|c| (c, font.glyph(c)))),
                }
            }
        }
        glyphs
    }

    /// Embeds the fonts under the numbers that pages know them by.
    pub fn embed(&self, numbers: [Ref; 3], file: &mut File<'_>) -> io::Result<()> {
        self.0.iter().zip(numbers).try_for_each(|(font, number)| font.embed(number, file))
    }
}

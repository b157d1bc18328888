//! The frame of a PDF file: numbered objects, most of them together in compressed object streams,
//! and the cross-reference stream that finds them (ISO 32000-1, 7.5.7 and 7.5.8).
//!
//! Each object goes to the writer as soon as it is known; only its place is kept.

use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{Chunk, Filter, Finish, Name, Obj, Ref, Settings, Str};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};

/// How many objects share a stream: enough to compress well, few enough to be found fast.
const OBJECTS_IN_STREAM: usize = 200;

const COMPACT: Settings = Settings { pretty: false };

/// Where an object is.
#[derive(Clone, Copy)]
enum Place {
    /// Nowhere: its number was never used.
    Free,
    /// So many bytes from the start of the file.
    At(u64),
    /// The so-manieth of an object stream.
    In(Ref, u16),
}

/// A PDF file that is being written.
pub(super) struct File<'w> {
    out: &'w mut dyn Write,
    written: u64,
    hash: Sha256,
    /// By object number.
    places: Vec<Place>,
    /// Objects that wait for their stream to be full.
    waiting: Vec<(Ref, Vec<u8>)>,
}

impl<'w> File<'w> {
    /// Starts a file of version 1.7.
    pub fn new(out: &'w mut dyn Write) -> io::Result<Self> {
        let mut file =
            Self { out, written: 0, hash: Sha256::new(), places: vec![Place::Free], waiting: Vec::new() };
        // the bytes above 127 tell programs that move files that this one is not text
        file.put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")?;
        Ok(file)
    }

    /// A number for an object that will be written.
    pub fn number(&mut self) -> Ref {
        let number = i32::try_from(self.places.len()).unwrap_or(i32::MAX);
        self.places.push(Place::Free);
        Ref::new(number)
    }

    /// Writes an object that is no stream.
    pub fn object(&mut self, number: Ref, write: impl FnOnce(Obj<'_>)) -> io::Result<()> {
        let mut chunk = Chunk::with_settings(COMPACT);
        write(chunk.indirect(number));
        self.waiting.push((number, body(chunk.as_bytes()).to_vec()));
        if self.waiting.len() >= OBJECTS_IN_STREAM { self.flush_waiting() } else { Ok(()) }
    }

    /// Writes a compressed stream; `describe` adds to its dictionary.
    pub fn stream(
        &mut self,
        number: Ref,
        data: &[u8],
        describe: impl FnOnce(&mut pdf_writer::Stream<'_>),
    ) -> io::Result<()> {
        let packed = packed(data)?;
        let mut chunk = Chunk::with_settings(COMPACT);
        let mut stream = chunk.stream(number, &packed);
        stream.filter(Filter::FlateDecode);
        describe(&mut stream);
        stream.finish();
        self.put_at(number, chunk.as_bytes())
    }

    /// Writes a stream as it is, for programs that look for text in the file.
    pub fn plain_stream(
        &mut self,
        number: Ref,
        data: &[u8],
        describe: impl FnOnce(&mut pdf_writer::Stream<'_>),
    ) -> io::Result<()> {
        let mut chunk = Chunk::with_settings(COMPACT);
        let mut stream = chunk.stream(number, data);
        describe(&mut stream);
        stream.finish();
        self.put_at(number, chunk.as_bytes())
    }

    /// Writes what waits and the cross-references.
    pub fn finish(mut self, catalog: Ref, information: Ref) -> io::Result<()> {
        self.flush_waiting()?;
        let number = self.number();
        let start = self.written;
        if let Some(place) = self.places.get_mut(number_of(number)) {
            *place = Place::At(start);
        }
        let mut table = Vec::with_capacity(self.places.len() * 11);
        for place in &self.places {
            let (kind, first, second) = match place {
                Place::Free => (0u8, 0, u16::MAX),
                Place::At(offset) => (1, *offset, 0),
                Place::In(stream, index) => (2, number_of(*stream) as u64, *index),
            };
            table.push(kind);
            table.extend(first.to_be_bytes());
            table.extend(second.to_be_bytes());
        }
        let size = i32::try_from(self.places.len()).unwrap_or(i32::MAX);
        // the same report makes the same file, and so the same identity
        let identity = self.hash.clone().finalize();
        let identity = identity.get(..16).unwrap_or_default();
        let packed = packed(&table)?;
        let mut chunk = Chunk::with_settings(COMPACT);
        let mut stream = chunk.stream(number, &packed);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Type"), Name(b"XRef"));
        stream.pair(Name(b"Size"), size);
        stream.insert(Name(b"W")).array().items([1, 8, 2]);
        stream.pair(Name(b"Root"), catalog);
        stream.pair(Name(b"Info"), information);
        stream.insert(Name(b"ID")).array().items([Str(identity), Str(identity)]);
        stream.finish();
        let bytes = chunk.as_bytes().to_vec();
        self.put(&bytes)?;
        self.put(format!("startxref\n{start}\n%%EOF\n").as_bytes())
    }

    /// Puts the waiting objects into a stream of their own.
    fn flush_waiting(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let number = self.number();
        let (mut index, mut bodies) = (String::new(), Vec::new());
        for (place, (object, body)) in (0u16..).zip(&waiting) {
            let _ = write!(index, "{} {} ", object.get(), bodies.len());
            bodies.extend_from_slice(body);
            bodies.push(b'\n');
            if let Some(entry) = self.places.get_mut(number_of(*object)) {
                *entry = Place::In(number, place);
            }
        }
        let first = i32::try_from(index.len()).unwrap_or(i32::MAX);
        let count = i32::try_from(waiting.len()).unwrap_or(i32::MAX);
        let data = [index.as_bytes(), &bodies].concat();
        self.stream(number, &data, |stream| {
            stream.pair(Name(b"Type"), Name(b"ObjStm"));
            stream.pair(Name(b"N"), count);
            stream.pair(Name(b"First"), first);
        })
    }

    fn put_at(&mut self, number: Ref, bytes: &[u8]) -> io::Result<()> {
        if let Some(place) = self.places.get_mut(number_of(number)) {
            *place = Place::At(self.written);
        }
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.hash.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }
}

fn number_of(number: Ref) -> usize {
    usize::try_from(number.get()).unwrap_or_default()
}

fn packed(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data)?;
    encoder.finish()
}

/// What stands between `1 0 obj` and `endobj`.
fn body(object: &[u8]) -> &[u8] {
    let after = object.windows(4).position(|part| part == b"obj\n").map_or(0, |at| at + 4);
    let rest = object.get(after..).unwrap_or_default();
    let end = rest.windows(6).rposition(|part| part == b"endobj").unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default().trim_ascii()
}

//! The ZIP file around a workbook, written in one go: sizes follow what they tell (APPNOTE 4.3.9), so
//! that nothing has to be kept, and any writer will do.

use chrono::{DateTime, Datelike, Timelike, Utc};
use flate2::{Compression, Crc, write::DeflateEncoder};
use std::io::{self, Write};

/// Sizes follow the data; names are UTF-8.
const FLAGS: u16 = 0x0808;
const DEFLATED: u16 = 8;
const VERSION: u16 = 20;

/// A writer that counts.
struct Counted<'w> {
    out: &'w mut dyn Write,
    written: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file in the archive, as its directory tells.
struct Entry {
    name: String,
    offset: u32,
    checksum: u32,
    packed: u32,
    size: u32,
}

/// A file that is being written.
struct Open<'w> {
    packer: DeflateEncoder<Counted<'w>>,
    name: String,
    offset: u64,
    /// Where its data starts.
    start: u64,
    checksum: Crc,
    size: u64,
}

enum State<'w> {
    Between(Counted<'w>),
    Within(Open<'w>),
    /// Only while one of the others changes into the other, or where that failed.
    Broken,
}

/// An archive that is being written.
pub(super) struct Archive<'w> {
    state: State<'w>,
    entries: Vec<Entry>,
    time: u16,
    date: u16,
}

impl<'w> Archive<'w> {
    /// Starts an archive whose files all bear the same time.
    pub fn new(out: &'w mut dyn Write, time: DateTime<Utc>) -> Self {
        let part = |value: u32| u16::try_from(value).unwrap_or_default();
        let year = u16::try_from((time.year() - 1980).clamp(0, 127)).unwrap_or_default();
        Self {
            state: State::Between(Counted { out, written: 0 }),
            entries: Vec::new(),
            time: part(time.hour()) << 11 | part(time.minute()) << 5 | part(time.second() / 2),
            date: year << 9 | part(time.month()) << 5 | part(time.day()),
        }
    }

    /// Begins a file.
    pub fn begin(&mut self, name: &str) -> io::Result<()> {
        let State::Between(mut out) = std::mem::replace(&mut self.state, State::Broken) else {
            return Err(io::Error::other("a file of the workbook is still open"));
        };
        let offset = out.written;
        let mut header = Vec::with_capacity(30 + name.len());
        header.extend(b"PK\x03\x04");
        for part in [VERSION, FLAGS, DEFLATED, self.time, self.date] {
            header.extend(part.to_le_bytes());
        }
        header.extend([0; 12]);
        header.extend(length(name.len())?.to_le_bytes());
        header.extend([0; 2]);
        header.extend(name.as_bytes());
        out.write_all(&header)?;
        let start = out.written;
        let packer = DeflateEncoder::new(out, Compression::new(4));
        let checksum = Crc::new();
        self.state = State::Within(Open { packer, name: name.to_owned(), offset, start, checksum, size: 0 });
        Ok(())
    }

    /// Adds to the open file.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        let State::Within(open) = &mut self.state else {
            return Err(io::Error::other("no file of the workbook is open"));
        };
        open.packer.write_all(text.as_bytes())?;
        open.checksum.update(text.as_bytes());
        open.size += text.len() as u64;
        Ok(())
    }

    /// How many bytes the open file has, before they are packed.
    pub fn size(&self) -> u64 {
        match &self.state {
            State::Within(open) => open.size,
            State::Between(_) | State::Broken => 0,
        }
    }

    /// Ends the open file.
    pub fn end(&mut self) -> io::Result<()> {
        let State::Within(open) = std::mem::replace(&mut self.state, State::Broken) else {
            return Err(io::Error::other("no file of the workbook is open"));
        };
        let mut out = open.packer.finish()?;
        let entry = Entry {
            name: open.name,
            offset: small(open.offset)?,
            checksum: open.checksum.sum(),
            packed: small(out.written - open.start)?,
            size: small(open.size)?,
        };
        let mut descriptor = b"PK\x07\x08".to_vec();
        for part in [entry.checksum, entry.packed, entry.size] {
            descriptor.extend(part.to_le_bytes());
        }
        out.write_all(&descriptor)?;
        self.entries.push(entry);
        self.state = State::Between(out);
        Ok(())
    }

    /// Writes the directory.
    pub fn finish(self) -> io::Result<()> {
        let State::Between(mut out) = self.state else {
            return Err(io::Error::other("a file of the workbook is still open"));
        };
        let start = out.written;
        for entry in &self.entries {
            let mut record = b"PK\x01\x02".to_vec();
            for part in [VERSION, VERSION, FLAGS, DEFLATED, self.time, self.date] {
                record.extend(part.to_le_bytes());
            }
            for part in [entry.checksum, entry.packed, entry.size] {
                record.extend(part.to_le_bytes());
            }
            record.extend(length(entry.name.len())?.to_le_bytes());
            record.extend([0; 12]);
            record.extend(entry.offset.to_le_bytes());
            record.extend(entry.name.as_bytes());
            out.write_all(&record)?;
        }
        let size = small(out.written - start)?;
        let count = length(self.entries.len())?;
        let mut end = b"PK\x05\x06".to_vec();
        end.extend([0; 4]);
        end.extend(count.to_le_bytes());
        end.extend(count.to_le_bytes());
        end.extend(size.to_le_bytes());
        end.extend(small(start)?.to_le_bytes());
        end.extend([0; 2]);
        out.write_all(&end)
    }
}

fn small(size: u64) -> io::Result<u32> {
    u32::try_from(size).map_err(|_| {
        io::Error::new(
            io::ErrorKind::FileTooLarge,
            "a workbook cannot have more than 4 GB; scan fewer accounts at once, or use the format `jsonl`",
        )
    })
}

fn length(length: usize) -> io::Result<u16> {
    u16::try_from(length).map_err(io::Error::other)
}

//! Writing a report to a writer or, whole or not at all, to a file.

use crate::{Format, TerminalOptions, WriteError};
use crate::{csv, html, json, jsonl, junit, ocsf, pdf, sarif, terminal, xlsx};
use stance_model::{Findings, Report};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes a report in a format to any writer.
pub fn write(
    report: &Report<dyn Findings>,
    format: Format,
    terminal: &TerminalOptions,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    match format {
        Format::Terminal => terminal::write(report, terminal, out)?,
        Format::Json => json::write(report, out)?,
        Format::JsonLines => jsonl::write(report, out)?,
        Format::Csv => csv::write(report, out)?,
        Format::Ocsf => ocsf::write(report, out)?,
        Format::Sarif => sarif::write(report, out)?,
        Format::Junit => junit::write(report, out)?,
        Format::Html => html::write(report, out)?,
        Format::Pdf => pdf::write(report, out)?,
        Format::Xlsx => xlsx::write(report, out)?,
    }
    out.flush()?;
    Ok(())
}

/// Writes a report to a file. It grows under a temporary name beside `path` and takes its own name
/// only when all of it is on the disk, so that a half-written file never stands under that name.
/// Where `path` is a pipe or a device, it is written to as it is.
pub fn write_file(
    report: &Report<dyn Findings>,
    format: Format,
    terminal: &TerminalOptions,
    path: &Path,
) -> Result<(), WriteError> {
    let fill = |out: &mut dyn Write| write(report, format, terminal, out);
    let written = if path.metadata().is_ok_and(|found| !found.is_file()) {
        straight(path, fill)
    } else {
        whole(path, fill)
    };
    written.map_err(|error| match error {
        WriteError::Output(source) => WriteError::File { path: path.to_owned(), source },
        other => other,
    })
}

fn straight(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let mut out = BufWriter::new(OpenOptions::new().write(true).open(path)?);
    fill(&mut out)?;
    Ok(out.flush()?)
}

fn whole(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<(), WriteError>) -> Result<(), WriteError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".stance-").suffix(".part");
    // the finished file gets the rights that any new file gets, not those of a temporary one
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder)?;

    let mut out = BufWriter::with_capacity(1 << 16, file);
    fill(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // a disk may take the bytes and say only now that it is full
    File::sync_all(file.as_file())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_writer_that_fails_half_way_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.json");
        let outcome = whole(&path, |out| {
            out.write_all(&vec![b'x'; 1 << 20])?;
            Err(io::Error::from(io::ErrorKind::StorageFull).into())
        });
        assert!(outcome.is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn a_writer_that_fails_half_way_leaves_the_file_of_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.json");
        whole(&path, |out| Ok(out.write_all(b"before")?)).unwrap();
        let outcome = whole(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::from(io::ErrorKind::StorageFull).into())
        });
        assert!(outcome.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"before");
        assert_eq!(names(folder.path()), ["findings.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_finished_file_has_the_rights_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (ours, any) = (folder.path().join("ours"), folder.path().join("any"));
        whole(&ours, |out| Ok(out.write_all(b"x")?)).unwrap();
        std::fs::write(&any, b"x").unwrap();
        assert_eq!(
            ours.metadata().unwrap().permissions().mode(),
            any.metadata().unwrap().permissions().mode()
        );
    }
}

//! Packs the fonts of the PDF report: Noto Sans (Apache-2.0) and Hack (MIT), compressed, since the
//! binary would carry them nearly twice as large otherwise.

use flate2::{Compression, write::ZlibEncoder};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let fonts = [
        ("regular", notosans::REGULAR_TTF),
        ("bold", notosans::BOLD_TTF),
        ("code", epaint_default_fonts::HACK_REGULAR),
    ];
    for (name, font) in fonts {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(font)?;
        fs::write(out.join(format!("{name}.ttf.z")), packed.finish()?)?;
    }
    Ok(())
}

//! Programs that the tests need beside Rust and Python, as Debian packages them.

use crate::process::{command, run};

/// Installs a package where nobody sits at the machine. What goes wrong is told, and shows in what is missing then.
pub fn install_unattended(package: &str) {
    if std::env::var_os("CI").is_some() {
        let mut install = command("apt-get");
        install.args(["install", "-y", "-q", "--no-install-recommends", package]);
        if let Err(error) = run(&mut install) {
            eprintln!("{error}");
        }
    }
}

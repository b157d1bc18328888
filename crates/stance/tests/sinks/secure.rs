//! Receivers behind TLS, with an authority that only a file names.

use super::others::announced;
use super::receiver::Receiver;
use super::support::doubles::double;
use super::support::run;
use super::{findings, scan};
use std::io::Read;
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn https_is_believed_only_by_the_authority_in_the_file_and_the_name_in_the_url() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(200, "", Duration::ZERO);
    let plain = receiver.url.rsplit(':').next().unwrap();
    let (_tls, port) = announced(double("tls.py").arg(folder.path()).arg(plain));
    let authority = folder.path().join("ca.pem").display().to_string();
    let sink = |host: &str, http: &str| {
        format!("type: webhook, url: \"https://{host}:{port}\", secret: s, attempts: 1, http: {{ {http} }}")
    };
    let named = format!("ca_file: \"{authority}\"");
    for (host, http) in [("localhost", "timeout: 5s"), ("127.0.0.1", named.as_str())] {
        let ended = run(&mut scan(folder.path(), &[sink(host, http)]));
        assert_eq!(ended.status, 5, "{}", ended.err);
        assert!(ended.err.contains("certificate"), "{}", ended.err);
    }
    assert!(receiver.ids().is_empty());
    let ended = run(&mut scan(folder.path(), &[sink("localhost", &named)]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    assert_eq!(receiver.ids().len(), 3 * findings(folder.path()));
}

#[test]
fn syslog_goes_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = listener.local_addr().unwrap().port();
    let (received, receiving) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            received.send(text).unwrap();
        }
    });
    let (_tls, port) = announced(double("tls.py").arg(folder.path()).arg(plain.to_string()));
    let authority = folder.path().join("ca.pem").display().to_string();
    let sink = format!("type: syslog, address: \"localhost:{port}\", ca_file: \"{authority}\"");
    let ended = run(&mut scan(folder.path(), &[sink]));
    assert_eq!(ended.status, 3, "{}", ended.err);
    let text = receiving.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(text.matches("- stance - finding - {").count(), findings(folder.path()));
}

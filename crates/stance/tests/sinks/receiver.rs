//! A webhook's receiver that answers as it is told, and notes what it was given.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A receiver.
pub struct Receiver {
    pub url: String,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    /// One that takes its time for each request and then answers so.
    pub fn start(status: u16, body: &'static str, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let taken = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                std::thread::spawn(move || serve(&stream, &log, status, body, pause));
            }
        });
        Self { url, taken }
    }

    /// The ids of the documents that came, in order.
    pub fn ids(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, log: &Mutex<Vec<String>>, status: u16, answer: &str, pause: Duration) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let body: Value = serde_json::from_slice(&body).unwrap();
        let ids =
            body["documents"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned());
        log.lock().unwrap().extend(ids);
        std::thread::sleep(pause);
        let head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
        if (&mut &*stream).write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

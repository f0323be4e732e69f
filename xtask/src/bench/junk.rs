//! Random requests, most of them nonsense: none ends in a panic, each is answered with the headers that
//! protect people, and the server's memory does not grow by their number.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;

use super::Bench;
use super::means::database::{Data, Engine};
use super::means::server::Server;
use super::means::visitor::Visitor;
use super::report::{Figure, Unit, count};
use crate::progress::say;

/// Requests after which the server has come to its working size.
pub(super) const WARM_UP: u64 = 100_000;

/// Requests sent one after the other on a connection.
const PER_CONNECTION: u64 = 100;

/// After this an answer is held not to come.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(40);

/// The size of the database means nothing here.
const DATA: Data = Data { accounts: 200, partners: 2, activity: 0 };

const METHODS: [&str; 9] = ["GET", "GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "CONNECT", "DELETE"];

const PATHS: [&str; 18] = [
    "/",
    "/sign-in",
    "/accounts",
    "/accounts/new",
    "/orders",
    "/orders/import",
    "/activity",
    "/profile",
    "/support",
    "/healthz",
    "/readyz",
    "/api/find_accounts",
    "/api/import_orders",
    "/api/rename",
    "/events",
    "/favicon.svg",
    "/api/v1/gateway/onboarding",
    "/activity/export.csv",
];

const PIECES: [&str; 12] = ["a", "%00", "%FF", "..", "/", "*", "=", "&", "100000008", "-1", "x:80", "'"];

const HEADERS: [&str; 12] = [
    "Host: localhost",
    "Host: evil.example",
    "Host:",
    "X-Forwarded-For: 1.1.1.1",
    "X-Request-Id: mine",
    "Accept: text/html",
    "Cookie: tenantry_session=0",
    "Origin: https://evil.example",
    "Sec-Fetch-Site: cross-site",
    "If-None-Match: *",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: multipart/form-data; boundary=b",
];

/// What became of the requests.
#[derive(Default)]
struct Outcome {
    sent: u64,
    panics: u64,
    unprotected: u64,
}

pub(super) fn measure(bench: &mut Bench) -> Result<Vec<Figure>> {
    let (requests, seed) = (bench.requests, bench.seed);
    say(format_args!("seed {seed}; --seed {seed} draws the same requests"));
    let server = bench.server(Engine::Sqlite, DATA)?;
    let log = bench.folder.path().join("server.log");
    let visitor = Visitor::sign_in(server.address)?;
    let mut rng = Rng::with_seed(seed);
    let mut outcome = Outcome::default();
    send_until(&server, &visitor, &mut rng, WARM_UP, &mut outcome)?;
    let before = server.memory("VmRSS")?;
    send_until(&server, &visitor, &mut rng, requests, &mut outcome)?;
    let after = server.memory("VmRSS")?;
    outcome.panics += panics(&fs::read_to_string(log)?);
    let megabytes = |bytes: u64| Unit::Megabytes.show(number(bytes));
    let memory = format!("{} against {}", megabytes(after), megabytes(before));
    let what = format!("memory after {} random requests against {}", thousands(requests), thousands(WARM_UP));
    Ok(vec![
        Figure::new("panics", number(outcome.panics), Unit::Plain).at_most(0.0),
        Figure::new("answers without protecting headers", number(outcome.unprotected), Unit::Plain).at_most(0.0),
        Figure::new(what, number(after) / number(before), Unit::Times).at_most(1.05).with(memory),
    ])
}

fn thousands(requests: u64) -> String {
    u32::try_from(requests).map_or_else(|_| requests.to_string(), count)
}

fn number(count: u64) -> f64 {
    u32::try_from(count / 1_000).map_or(f64::INFINITY, |thousands| f64::from(thousands) * 1_000.0)
        + u32::try_from(count % 1_000).map_or(0.0, f64::from)
}

/// The panics of which a log tells.
fn panics(log: &str) -> u64 {
    log.lines().filter(|line| line.contains("panicked")).count() as u64
}

fn send_until(server: &Server, visitor: &Visitor, rng: &mut Rng, sent: u64, outcome: &mut Outcome) -> Result<()> {
    while outcome.sent < sent {
        let mut stream = connect(server.address)?;
        for _ in 0..PER_CONNECTION {
            let request = draw(rng, visitor);
            outcome.sent += 1;
            if !send(&mut stream, &request, outcome)? {
                break;
            }
        }
    }
    Ok(())
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).context("the server is gone")?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    Ok(stream)
}

fn piece(rng: &mut Rng) -> String {
    let count = rng.usize(0..4);
    (0..count).map(|_| PIECES[rng.usize(..PIECES.len())]).collect()
}

/// A request; of every tenth even the frame of HTTP is broken.
fn draw(rng: &mut Rng, visitor: &Visitor) -> Vec<u8> {
    if rng.u8(..10) == 0 {
        return (0..rng.usize(1..400)).map(|_| rng.u8(..)).chain(*b"\r\n\r\n").collect();
    }
    let invented = format!("M{}", rng.u64(..));
    let method = if rng.u8(..10) == 0 { invented.as_str() } else { METHODS[rng.usize(..METHODS.len())] };
    let target = match rng.u8(..8) {
        0 => piece(rng),
        1 => format!("/{}", piece(rng)),
        2 => format!("{}?{}={}", PATHS[rng.usize(..PATHS.len())], piece(rng), piece(rng)),
        _ => PATHS[rng.usize(..PATHS.len())].to_owned(),
    };
    let mut text = format!("{method} {target} HTTP/1.1\r\n");
    if rng.u8(..4) > 0 {
        text.push_str("Host: 127.0.0.1\r\n");
    }
    if rng.u8(..4) == 0 {
        text.extend(["Cookie: ", &visitor.cookie, "\r\n"]);
    }
    for _ in 0..rng.usize(..4) {
        text.extend([HEADERS[rng.usize(..HEADERS.len())], "\r\n"]);
    }
    let body = if method == "POST" { format!("_form={}&number={}", piece(rng), piece(rng)) } else { String::new() };
    text.extend([&format!("Content-Length: {}\r\n\r\n", body.len()), body.as_str()]);
    text.into_bytes()
}

/// Sends a request and looks at the head of its answer; whether the connection goes on.
fn send(stream: &mut TcpStream, request: &[u8], outcome: &mut Outcome) -> Result<bool> {
    if stream.write_all(request).is_err() {
        return Ok(false);
    }
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(false),
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                anyhow::bail!("no answer to {}", String::from_utf8_lossy(request))
            }
            Err(_) => return Ok(false),
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        note(head, outcome);
        return Ok(goes_on(head, body, request));
    }
}

fn note(head: &str, outcome: &mut Outcome) {
    let lower = head.to_ascii_lowercase();
    // What is no HTTP is answered by hyper itself, without a body.
    let by_hyper =
        lower.starts_with("http/1.1 4") && lower.contains("content-length: 0") && lower.contains("connection: close");
    if !by_hyper && !lower.contains("x-content-type-options: nosniff") {
        outcome.unprotected += 1;
    }
    if lower.starts_with("http/1.1 500") {
        outcome.panics += 1;
    }
}

/// Whether the whole answer has been read, so that the connection can be used again.
fn goes_on(head: &str, body: &str, request: &[u8]) -> bool {
    let lower = head.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
    let no_body = request.starts_with(b"HEAD ");
    !lower.contains("connection: close") && length.is_some_and(|length| no_body || length == body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_headers_and_one_of_an_error_are_counted() {
        let mut outcome = Outcome::default();
        note("HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff", &mut outcome);
        note("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0", &mut outcome);
        assert_eq!((outcome.panics, outcome.unprotected), (0, 0));
        note("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 5", &mut outcome);
        assert_eq!((outcome.panics, outcome.unprotected), (1, 1));
    }

    #[test]
    fn the_same_seed_draws_the_same_requests() {
        let visitor = Visitor { address: SocketAddr::from(([127, 0, 0, 1], 1)), cookie: "a=b".to_owned() };
        let all = |seed| {
            let mut rng = Rng::with_seed(seed);
            (0..100).map(|_| draw(&mut rng, &visitor)).collect::<Vec<_>>()
        };
        assert_eq!(all(7), all(7));
        assert_ne!(all(7), all(8));
    }
}

//! A client of HTTP/1.1 on one connection that stays open, light enough to share the machine with
//! the server that it measures.
//!
//! `cargo xtask` is built without optimisation. Nothing here goes through an answer byte by byte,
//! then: bytes are moved and compared many at a time, by functions of std that are optimised.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// After this a request is held to have failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// More than any page takes.
const BUFFER: usize = 256 * 1024;

/// A request, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    /// A request as a browser sends it.
    pub(crate) fn new(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        for (name, value) in headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        if method == "POST" {
            text.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            text.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        text.extend(["\r\n", body]);
        Self(text.into_bytes())
    }
}

/// The fields of a form as its body.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// Text as a value in a form or in a query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => encoded.extend(["%".to_owned(), format!("{byte:02X}")]),
        }
    }
    encoded
}

/// An answer, read to its end.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// `Set-Cookie`, the last one.
    pub(crate) cookie: Option<String>,
    /// `Content-Encoding`; empty when the body is as it is.
    pub(crate) encoding: String,
    /// The body as it came.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> Result<String> {
        let mut text = String::new();
        match self.encoding.as_str() {
            "" => text.push_str(str::from_utf8(&self.body)?),
            "br" => drop(brotli::Decompressor::new(self.body.as_slice(), 4096).read_to_string(&mut text)?),
            "gzip" => drop(flate2::read::GzDecoder::new(self.body.as_slice()).read_to_string(&mut text)?),
            other => bail!("an answer in the encoding {other}"),
        }
        Ok(text)
    }

    /// An error, with the beginning of the body, unless the status is this one.
    pub(crate) fn expect_status(&self, status: u16) -> Result<()> {
        if self.status == status {
            return Ok(());
        }
        let beginning: Cow<str> = String::from_utf8_lossy(self.body.get(..500).unwrap_or(&self.body));
        bail!("status {} instead of {status}: {beginning}", self.status)
    }
}

/// A connection that stays open.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    answer: Answer,
}

/// How the end of a body is found.
enum Length {
    Known(usize),
    Chunked,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::with_capacity(BUFFER, stream), line: Vec::new(), answer: Answer::default() })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) fn send(&mut self, request: &Request) -> Result<&Answer> {
        self.stream.get_mut().write_all(&request.0)?;
        let length = self.read_head()?;
        self.answer.body.clear();
        match length {
            Length::Known(length) => self.read_body(length)?,
            Length::Chunked => self.read_chunks()?,
        }
        Ok(&self.answer)
    }

    fn read_head(&mut self) -> Result<Length> {
        let status = self.read_line()?.split(' ').nth(1).and_then(|word| word.parse().ok());
        self.answer.status = status.context("the server's answer is no HTTP")?;
        self.answer.cookie = None;
        self.answer.encoding.clear();
        let mut length = Length::Known(0);
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                return Ok(length);
            }
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            let value = value.trim_start();
            if name.eq_ignore_ascii_case("content-length") {
                length = Length::Known(value.parse()?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                length = Length::Chunked;
            } else if name.eq_ignore_ascii_case("set-cookie") {
                self.answer.cookie = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("content-encoding") {
                self.answer.encoding = value.to_owned();
            }
        }
    }

    /// The next line, without its end.
    fn read_line(&mut self) -> Result<&str> {
        self.line.clear();
        self.stream.read_until(b'\n', &mut self.line)?;
        let line = self.line.strip_suffix(b"\r\n").context("the server closed the connection")?;
        Ok(str::from_utf8(line)?)
    }

    fn read_chunks(&mut self) -> Result<()> {
        loop {
            let line = self.read_line()?;
            let size = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16).with_context(|| format!("a chunk of {size} bytes"))?;
            self.read_body(size)?;
            // After the last chunk comes an empty line too: the server sends no trailers.
            if !self.read_line()?.is_empty() {
                bail!("a chunk is longer than it said");
            }
            if size == 0 {
                return Ok(());
            }
        }
    }

    fn read_body(&mut self, mut length: usize) -> Result<()> {
        while length > 0 {
            let available = self.stream.fill_buf()?;
            if available.is_empty() {
                bail!("the server closed the connection");
            }
            let taken = available.len().min(length);
            self.answer.body.extend_from_slice(&available[..taken]);
            self.stream.consume(taken);
            length -= taken;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that reads one request after the other and gives these answers.
    fn serve(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            for answer in answers {
                assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        address
    }

    #[test]
    fn bodies_of_known_length_and_in_chunks_are_read_to_their_end() {
        let address = serve(&[
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nset-cookie: a=b; Path=/\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n there\r\n0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        ]);
        let mut connection = Connection::open(address).unwrap();
        let request = Request::new("GET", "/", &[], "");

        let answer = connection.send(&request).unwrap();
        assert_eq!((answer.text().unwrap().as_str(), answer.cookie.as_deref()), ("hello", Some("a=b; Path=/")));
        let answer = connection.send(&request).unwrap();
        assert_eq!((answer.text().unwrap().as_str(), answer.cookie.as_deref()), ("hello there", None));
        let answer = connection.send(&request).unwrap();
        assert!(answer.expect_status(200).is_err());
        assert!(connection.send(&request).is_err(), "the server is gone");
    }

    #[test]
    fn forms_are_encoded_as_browsers_do() {
        assert_eq!(form(&[("name", "A & Søn"), ("q", "")]), "name=A+%26+S%C3%B8n&q=");
    }
}

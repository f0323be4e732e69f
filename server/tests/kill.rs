//! A server that is killed at any moment has kept what it acknowledged.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

/// How often the server is killed.
const KILLS: usize = 12;

struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts the demo in `folder`, on a port of its own.
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tenantry"))
            .args(["demo", "--listen", "127.0.0.1:0", "--accounts", "10"])
            .env("TENANTRY_DATA_FOLDER", folder)
            .env("TENANTRY_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.into_iter().find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
        Self { address: ready.expect("the server says where it is"), process }
    }

    /// Posts a form; the status line and headers of the answer, or `None` when the server is gone.
    fn post(&self, path: &str, cookie: &str, form: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        (!answer.is_empty()).then_some(answer)
    }

    fn sign_in(&self) -> String {
        let form = "_form=/api/sign_in&email=admin@example.com&password=correct+horse+battery+staple";
        let answer = self.post("/sign-in", "", form).expect("the server answers");
        let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("signed in");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }

    /// Saves a customer's name from `version` on; the version that was acknowledged.
    fn save(&self, cookie: &str, number: &str, version: u64, name: &str) -> Option<u64> {
        let form = format!("number={number}&version={version}&name={name}&country=IT&language=it");
        let answer = self.post("/api/save_customer_information", cookie, &form)?;
        let (_, rest) = answer.split_once("\"version\":")?;
        rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 1;
    for round in 0..KILLS {
        let mut server = Server::start(folder.path());
        let cookie = server.sign_in();
        let (number, stored) = read_account(&server, &cookie);
        assert!(stored >= acknowledged, "version {acknowledged} was acknowledged, {stored} is stored");
        let mut version = stored;
        // A different number of saves before each kill, the last of them under way when it comes.
        for save in 0..=round {
            version = server.save(&cookie, &number, version, &format!("Round{round}Save{save}")).expect("saved");
        }
        acknowledged = version;
        let address = server.address.clone();
        let (last_cookie, last_number) = (cookie.clone(), number.clone());
        let last = std::thread::spawn(move || {
            let form = format!("number={last_number}&version={version}&name=Last{round}&country=IT&language=it");
            let mut stream = TcpStream::connect(address).ok()?;
            let head = format!(
                "POST /api/save_customer_information HTTP/1.1\r\nHost: x\r\nCookie: {last_cookie}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
                form.len()
            );
            stream.write_all(head.as_bytes()).ok()?;
            let mut first = [0; 15];
            stream.read_exact(&mut first).ok()?;
            first.starts_with(b"HTTP/1.1 200").then_some(version + 1)
        });
        server.process.kill().unwrap();
        server.process.wait().unwrap();
        acknowledged = last.join().unwrap().unwrap_or(acknowledged);
    }
    let server = Server::start(folder.path());
    let (_, stored) = read_account(&server, &server.sign_in());
    assert!(stored >= acknowledged, "version {acknowledged} was acknowledged, {stored} is stored");
}

/// The Account ID and the stored version, as the page tells them.
fn read_account(server: &Server, cookie: &str) -> (String, u64) {
    let get = |path: &str| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let start = get("/");
    let page = start.lines().find_map(|line| line.strip_prefix("location: ")).expect("an account").to_owned();
    let answer = get(&page);
    let (_, rest) = answer.split_once("name=\"version\" value=\"").expect("a form");
    let version = rest.split('"').next().unwrap_or_default().parse().expect("a version");
    (page.rsplit('/').next().unwrap_or_default().to_owned(), version)
}

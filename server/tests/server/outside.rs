//! What the server does towards the outside: mail by a real SMTP conversation, and Microsoft's token
//! endpoint. Both far sides are here, and speak their protocols.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

/// What a mail server does.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Takes,
    RefusesRecipients,
    RefusesSignIn,
    RefusesEverybody,
}

/// A mail server whose manner can be changed; gives its URL and each message that it took.
fn mail_server(manner: Manner) -> (String, Receiver<String>, Arc<Mutex<Manner>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://console:s3cret@{}", listener.local_addr().unwrap());
    let (sender, messages) = channel();
    let manner = Arc::new(Mutex::new(manner));
    let present = manner.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (sender, manner) = (sender.clone(), *present.lock().unwrap());
            thread::spawn(move || converse(stream.unwrap(), manner, &sender));
        }
    });
    (url, messages, manner)
}

/// SMTP (RFC 5321), as far as a client needs it that sends a text.
fn converse(mut stream: TcpStream, manner: Manner, messages: &Sender<String>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let mut say = |text: &str| write!(stream, "{text}\r\n").is_ok();
    say(if matches!(manner, Manner::RefusesEverybody) { "554 no service" } else { "220 mail.test ESMTP" });
    while let Some(line) = lines.next() {
        let said = match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => say("250-mail.test\r\n250-AUTH PLAIN\r\n250 8BITMIME"),
            "AUTH" if matches!(manner, Manner::RefusesSignIn) => say("535 5.7.8 bad credentials"),
            "AUTH" => say("235 2.7.0 welcome"),
            "RCPT" if matches!(manner, Manner::RefusesRecipients) => say("550 5.1.1 no such mailbox"),
            "DATA" => {
                say("354 go on");
                let text: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                messages.send(text.join("\n")).unwrap();
                say("250 2.0.0 taken")
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => say("250 ok"),
        };
        if !said {
            return;
        }
    }
}

/// Microsoft's token endpoint: takes the secret `right` and refuses any other. Gives its base address.
fn microsoft() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut line, mut length, mut first) = (String::new(), 0, String::new());
            while reader.read_line(&mut line).unwrap() > 2 {
                if first.is_empty() {
                    first.clone_from(&line);
                }
                let header = line.to_ascii_lowercase();
                if let Some(value) = header.strip_prefix("content-length: ") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            std::io::Read::read_exact(&mut reader, &mut body).unwrap();
            let body = String::from_utf8(body).unwrap();
            let asked_rightly = first.starts_with("POST /72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token ")
                && body.contains("grant_type=client_credentials")
                && body.contains("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default");
            let (status, answer) = if asked_rightly && body.contains("client_secret=right") {
                ("200 OK", r#"{"token_type":"Bearer","expires_in":3599,"access_token":"x"}"#)
            } else {
                (
                    "401 Unauthorized",
                    r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"}"#,
                )
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close");
            write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{answer}", answer.len()).unwrap();
        }
    });
    base
}

/// The server as a process of its own, on the demo's data.
struct Server {
    process: Child,
    address: String,
    cookie: String,
    page: String,
}

impl Server {
    fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_logging(folder, settings, Stdio::inherit())
    }

    fn start_logging(folder: &Path, settings: &[(&str, &str)], log: Stdio) -> Self {
        let database = format!("sqlite://{}/tenantry.db", folder.display());
        let command = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
            command.args(arguments).env("TENANTRY_DATA_FOLDER", folder).env("TENANTRY_LOG", "error");
            command
        };
        let seeded = command(&["demo", "--seed-only", "--accounts", "10", "--database", &database]).output().unwrap();
        assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let process = command(&["serve"])
            .env("TENANTRY_LISTEN", &free)
            .env("DATABASE_URL", database)
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self { process, address: free, cookie: String::new(), page: String::new() };
        server.cookie = server.sign_in("admin@example.com");
        server.page = header(&server.send("GET", "/", ""), "location: ");
        server
    }

    /// The cookie of a new session of `email`.
    fn sign_in(&self, email: &str) -> String {
        let form = format!("_form=/api/sign_in&email={email}&password=correct+horse+battery+staple");
        let answer = self.send_as("", "POST", "/sign-in", &form);
        header(&answer, "set-cookie: ").split(';').next().map(str::to_owned).unwrap()
    }

    fn send(&self, method: &str, path: &str, form: &str) -> String {
        self.send_as(&self.cookie, method, path, form)
    }

    fn send_as(&self, cookie: &str, method: &str, path: &str, form: &str) -> String {
        // Until it listens there is nobody to connect to.
        let mut stream = loop {
            match TcpStream::connect(&self.address) {
                Ok(stream) => break stream,
                Err(_) => thread::yield_now(),
            }
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded",
            self.address
        );
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len()).unwrap();
        let mut answer = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The account's page as soon as it shows `text`.
    fn page_with(&self, text: &str) -> String {
        loop {
            let page = self.send("GET", &self.page, "");
            if page.contains(text) {
                return page;
            }
            thread::yield_now();
        }
    }

    /// Posts a form of the account's page; the page or the redirect that answers it.
    fn post(&self, form: &str) -> String {
        let number = self.page.rsplit('/').next().unwrap();
        self.send("POST", &self.page, &format!("number={number}&{form}"))
    }
}

/// The value of the header that begins with `name`.
fn header(answer: &str, name: &str) -> String {
    let found = answer.lines().find_map(|line| line.strip_prefix(name));
    found.unwrap_or_else(|| panic!("no {name} in {answer}")).trim().to_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_report_reaches_the_mail_server_once_for_each_contact() {
    let folder = tempfile::tempdir().unwrap();
    let (smtp, messages, _) = mail_server(Manner::Takes);
    let from = "Tenantry <console@partner.example>";
    let server = Server::start(folder.path(), &[("TENANTRY_SMTP_URL", &smtp), ("TENANTRY_MAIL_FROM", from)]);
    server.post("_form=/api/report_problem&subject=No+dial+tone&description=Since+noon%2C%0Aon+every+phone.");
    let mut taken: Vec<String> = (0..2).map(|_| messages.recv().unwrap()).collect();
    taken.sort_by_key(|message| message.contains("To: support1@example.com"));
    for (message, recipient) in taken.iter().zip(["partner@example.com", "support1@example.com"]) {
        for expected in [
            format!("To: {recipient}"),
            "console@partner.example".to_owned(),
            "Subject: Rossi Ceramiche S.p.A.: No dial tone".to_owned(),
            "Message-ID: <".to_owned(),
            "MIME-Version: 1.0".to_owned(),
            "Content-Type: text/plain; charset=utf-8".to_owned(),
            "Content-Transfer-Encoding: quoted-printable".to_owned(),
            "Since noon,".to_owned(),
        ] {
            assert!(message.contains(&expected), "{expected} is not in\n{message}");
        }
    }
    // The page says so as soon as the other side has taken both, and nothing is sent again.
    while server.send("GET", &server.page, "").matches("delivered</span>").count() < 3 {
        thread::yield_now();
    }
    assert!(messages.try_recv().is_err());
}

#[test]
fn a_refused_address_shows_beside_the_contact() {
    let folder = tempfile::tempdir().unwrap();
    let (smtp, messages, manner) = mail_server(Manner::RefusesRecipients);
    let server = Server::start(folder.path(), &[("TENANTRY_SMTP_URL", &smtp)]);
    server.post("_form=/api/add_contact&contact=gone%40example.org");
    server.post("_form=/api/send_test_message&email=gone%40example.org");
    let page = server.page_with("no such mailbox");
    assert_eq!(crate::browser::shown(&page).matches("550 5.1.1 no such mailbox").count(), 1, "the reason is said once");
    // Once it is put right, the address is tested again.
    *manner.lock().unwrap() = Manner::Takes;
    server.post("_form=/api/send_test_message&email=gone%40example.org");
    assert!(messages.recv().unwrap().contains("To: gone@example.org"));
}

#[test]
fn nothing_is_called_sent_while_the_mail_server_takes_no_mail_and_all_is_sent_after_the_repair() {
    for refusing in [Manner::RefusesSignIn, Manner::RefusesEverybody] {
        let folder = tempfile::tempdir().unwrap();
        let (smtp, messages, manner) = mail_server(refusing);
        let server = Server::start(folder.path(), &[("TENANTRY_SMTP_URL", &smtp)]);
        let reported = server.post("_form=/api/report_problem&subject=No+dial+tone&description=Since+noon");
        assert!(reported.starts_with("HTTP/1.1 303"), "{reported}");
        let page = server.page_with("send mail at the moment");
        assert!(page.contains("not yet sent") && !page.contains("bad credentials"), "{refusing:?}");
        assert!(server.send("GET", "/metrics", "").contains("mail_server_failing 1"), "{refusing:?}");
        *manner.lock().unwrap() = Manner::Takes;
        // The next mail shows that the server takes mail again: what waits is sent with it.
        server.post("_form=/api/add_contact&contact=new%40example.org");
        server.post("_form=/api/send_test_message&email=new%40example.org");
        let subjects: Vec<String> = (0..3).map(|_| messages.recv().unwrap()).collect();
        assert_eq!(subjects.iter().filter(|message| message.contains("No dial tone")).count(), 2, "{refusing:?}");
        assert!(server.send("GET", "/metrics", "").contains("mail_server_failing 0"), "{refusing:?}");
    }
}

#[test]
fn mail_that_waited_is_sent_when_the_console_starts_with_the_fault_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let (refusing, _messages, _) = mail_server(Manner::RefusesSignIn);
    let server = Server::start(folder.path(), &[("TENANTRY_SMTP_URL", &refusing)]);
    server.post("_form=/api/send_test_message&email=support1%40example.com");
    server.page_with("send mail at the moment");
    drop(server);
    let (smtp, messages, _) = mail_server(Manner::Takes);
    let _server = Server::start(folder.path(), &[("TENANTRY_SMTP_URL", &smtp)]);
    assert!(messages.recv().unwrap().contains("To: support1@example.com"));
}

#[test]
fn credentials_are_checked_with_microsoft() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[("TENANTRY_MICROSOFT_LOGIN_URL", &microsoft())]);
    let form = |secret: &str| {
        format!(
            "_form=/api/set_up_registration&key=microsoft-teams&name=Tenantry&presence_both_ways=false\
             &tenant_id=72f988bf-86f1-41af-91ab-2d7cd011db47&client_id=b2e7d6c4-91f0-4a35-9d8e-57c3a1f2460b\
             &client_secret={secret}"
        )
    };
    let refused = server.post(&form("wrong"));
    assert!(refused.starts_with("HTTP/1.1 422"), "{refused}");
    assert!(refused.contains("AADSTS7000215: Invalid client secret provided."));
    assert!(!refused.contains("Trace ID") && !refused.contains("wrong"), "neither more of it nor the secret");
    let accepted = server.post(&form("right"));
    assert!(accepted.starts_with("HTTP/1.1 303"), "{accepted}");
    let page = server.send("GET", &server.page, "");
    assert!(
        page.contains("Presence: one way, Mitel to Teams.") && !page.contains("right\""),
        "the secret is never shown"
    );
}

#[test]
fn consent_leads_to_microsoft_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let login = microsoft();
    let settings = [
        ("TENANTRY_MICROSOFT_CLIENT_ID", "b2e7d6c4-91f0-4a35-9d8e-57c3a1f2460b"),
        ("TENANTRY_MICROSOFT_CLIENT_SECRET", "right"),
        ("TENANTRY_MICROSOFT_LOGIN_URL", login.as_str()),
        ("TENANTRY_PUBLIC_URL", "http://console.example"),
    ];
    let server = Server::start(folder.path(), &settings);
    server.post("_form=/api/switch_integration&key=microsoft-office-365&on=true");
    let away = server.post("_form=/api/begin_consent");
    let location = away.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    assert!(location.starts_with(&format!("{login}/organizations/v2.0/adminconsent?")), "{location}");
    assert!(location.contains("redirect_uri=http%3A%2F%2Fconsole.example%2Fintegrations%2Fconsent"));
    let state = location.rsplit_once("state=").unwrap().1.trim();
    let page = server.send("GET", &server.page, "");
    assert!(page.contains(&format!("form-action 'self' {login};")), "the browser may go there");
    let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    let back = format!("/integrations/consent?admin_consent=True&tenant={tenant}&state={state}");
    for stranger in ["other@example.com", "user@example.com", "several@example.com", "admin@example.com"] {
        let refused = server.send_as(&server.sign_in(stranger), "GET", &back, "");
        assert!(refused.starts_with("HTTP/1.1 404") && refused.contains("Only the person who asked"), "{refused}");
    }
    let answer = server.send("GET", &back, "");
    assert!(answer.contains(&format!("location: {}#integrations", server.page)), "{answer}");
    assert!(answer.contains("%22consent%22%3A%22granted%22"), "{answer}");
    let again = server.send("GET", &back, "");
    assert!(again.contains(&format!("location: {}#integrations", server.page)), "{again}");
    assert!(again.contains("Microsoft+Office+365%3A+On."), "{again}");
}

#[test]
fn no_redirect_of_microsoft_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let target = format!("http://{}/", elsewhere.local_addr().unwrap());
    let redirects = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 16 * 1024];
        let read = std::io::Read::read(&mut stream, &mut request).unwrap();
        let head = "HTTP/1.1 307 Temporary Redirect\r\nConnection: close\r\nContent-Length: 0";
        write!(stream, "{head}\r\nLocation: {target}\r\n\r\n").unwrap();
        read
    });
    let server = Server::start(folder.path(), &[("TENANTRY_MICROSOFT_LOGIN_URL", &base)]);
    let answer = server.post(
        "_form=/api/set_up_registration&key=microsoft-teams&name=Tenantry&presence_both_ways=false\
         &tenant_id=72f988bf-86f1-41af-91ab-2d7cd011db47&client_id=b2e7d6c4-91f0-4a35-9d8e-57c3a1f2460b\
         &client_secret=secret",
    );
    assert!(redirects.join().unwrap() > 0, "the server asked");
    assert!(!answer.starts_with("HTTP/1.1 303"), "a redirect is no acceptance: {answer}");
    assert!(elsewhere.accept().is_err(), "nobody came to where the redirect leads");
}

#[test]
fn requests_whose_end_is_ambiguous_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    for framing in [
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: 4, 5",
        "Content-Length: +4",
        "Content-Length: -1",
        "Content-Length: 0x4",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length: 4\r\n Transfer-Encoding: chunked",
    ] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let host = format!("Host: {}", server.address);
        let request = format!("POST /sign-in HTTP/1.1\r\n{host}\r\n{framing}\r\n\r\n0\r\n\r\n");
        // In one piece, so that the server has read all of it when it closes the connection.
        stream.write_all(format!("{request}GET /smuggled HTTP/1.1\r\n{host}\r\n\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 400"), "{framing}: {answer:.200}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing}: one answer");
    }
}

#[test]
fn no_secret_is_logged_at_any_level() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let settings = [("TENANTRY_LOG", "trace"), ("TENANTRY_SMTP_URL", "smtps://console:smtp~password@127.0.0.1:9")];
    let server = Server::start_logging(folder.path(), &settings, std::fs::File::create(&log).unwrap().into());
    server.post("_form=/api/change_password&password=not~the~present&new_password=unrelated~words~like~zebra");
    server.post(
        "_form=/api/set_up_registration&key=microsoft-teams&name=Tenantry&presence_both_ways=false&tenant_id=x\
         &client_id=b2e7d6c4-91f0-4a35-9d8e-57c3a1f2460b&client_secret=client~secret",
    );
    let token = server.cookie.split_once('=').unwrap().1.to_owned();
    drop(server);
    let text = std::fs::read_to_string(log).unwrap();
    assert!(text.contains("/sign-in") && text.contains("\"DEBUG\""), "the log is written: {text:.500}");
    for secret in [
        "correct horse",
        "correct+horse",
        "not~the~present",
        "unrelated~words",
        "client~secret",
        "smtp~password",
        &token,
    ] {
        assert!(!text.contains(secret), "{secret} is logged");
    }
}

#[test]
fn metrics_with_an_address_of_their_own_are_served_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let apart = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut server = Server::start(folder.path(), &[("TENANTRY_METRICS_LISTEN", &apart)]);
    assert!(server.send("GET", "/metrics", "").starts_with("HTTP/1.1 404"));
    server.address = apart;
    let metrics = server.send("GET", "/metrics", "");
    assert!(metrics.starts_with("HTTP/1.1 200") && metrics.contains("http_requests_total"), "{metrics}");
    assert!(server.send("GET", "/sign-in", "").starts_with("HTTP/1.1 404"));
}

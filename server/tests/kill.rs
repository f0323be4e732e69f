//! A server that is killed at any moment has kept what it acknowledged, and nothing half.
#![cfg(unix)]
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Sender, channel},
    thread,
};

use domain::time::Timestamp;
use service::{
    Backend, Settings, Store,
    clock::Clock,
    outbox,
    testing::{delete_some, dump, imports_and_status, inconsistencies, with_postgres},
};

/// How often the server is killed on each database.
const KILLS: u64 = 200;

struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts the demo with its files in `folder`, on a port of its own.
    fn start(folder: &Path, database: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tenantry"))
            .args(["demo", "--listen", "127.0.0.1:0", "--accounts", "10", "--database", database])
            .env("TENANTRY_DATA_FOLDER", folder)
            .env("TENANTRY_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.into_iter().find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
        Self { address: ready.expect("the server says where it is"), process }
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Sends a request; the whole answer, or `None` when the server is gone.
fn send(address: &str, method: &str, path: &str, cookie: &str, form: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// What was acknowledged by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acknowledged {
    Version(u64),
    Step(usize),
    Report,
}

/// Somebody's session on one account.
#[derive(Clone)]
struct Session {
    cookie: String,
    number: String,
}

impl Session {
    fn begin(server: &Server) -> Self {
        let cookie = Self::cookie(server, "admin@example.com");
        let start = send(&server.address, "GET", "/", &cookie, "").expect("the server answers");
        let number = Self::header(&start, "location: ").rsplit('/').next().unwrap_or_default().to_owned();
        Self { cookie, number }
    }

    /// Signs in; gives the session's cookie.
    fn cookie(server: &Server, email: &str) -> String {
        let form = format!("_form=/api/sign_in&email={email}&password=correct+horse+battery+staple");
        let answer = send(&server.address, "POST", "/sign-in", "", &form).expect("the server answers");
        Self::header(&answer, "set-cookie: ").split(';').next().unwrap_or_default().to_owned()
    }

    fn header(answer: &str, name: &str) -> String {
        answer.lines().find_map(|line| line.strip_prefix(name)).expect("the header").trim().to_owned()
    }

    fn call(&self, address: &str, function: &str, fields: &str) -> Option<String> {
        let form = format!("number={}&{fields}", self.number);
        let answer = send(address, "POST", function, &self.cookie, &form)?;
        answer.starts_with("HTTP/1.1 200").then_some(answer)
    }

    fn state(&self, server: &Server) -> State {
        let path = format!("/accounts/{}", self.number);
        let page = send(&server.address, "GET", &path, &self.cookie, "").expect("the server answers");
        let after = |start: &str| {
            let (_, rest) = page.split_once(start).expect("it is on the page");
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        let is_on = |id: &str| {
            let (button, _) = page.split_once(&format!("aria-labelledby=\"{id}-name\"")).expect("the switch");
            let (_, state) = button.rsplit_once("aria-checked=\"").expect("its state");
            state.starts_with("true")
        };
        State {
            version: after("name=\"version\" value=\"").parse().expect("a version"),
            micc: is_on("integration-micc"),
            guests: is_on("privilege-guest_access"),
            bandwidth: is_on("bandwidth-optimisation"),
        }
    }
}

/// The states of two switches through which they go in a circle, one flip at a time, so that the state
/// stored tells how far it came.
const STEPS: [(bool, bool); 4] = [(false, false), (true, false), (true, true), (false, true)];

/// What is stored.
#[derive(Clone, Copy, Debug)]
struct State {
    version: u64,
    micc: bool,
    guests: bool,
    bandwidth: bool,
}

impl State {
    fn step(self) -> usize {
        STEPS.iter().position(|&step| step == (self.micc, self.bandwidth)).unwrap()
    }
}

/// Saves, switches and reports all at once, until the server is gone; tells of each that was
/// acknowledged.
fn load(address: &str, session: &Session, state: State, told: &Sender<Acknowledged>) {
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut version = state.version;
            loop {
                let form = format!("version={version}&name=Name{version}&country=IT&language=it");
                if session.call(address, "/api/save_customer_information", &form).is_none() {
                    return;
                }
                version += 1;
                let _ = told.send(Acknowledged::Version(version));
            }
        });
        scope.spawn(|| {
            let mut step = state.step();
            loop {
                let ((micc, bandwidth), next) = (STEPS[step], (step + 1) % STEPS.len());
                let (wanted_micc, wanted_bandwidth) = STEPS[next];
                let answer = if micc == wanted_micc {
                    assert_ne!(bandwidth, wanted_bandwidth, "each step flips one switch");
                    session.call(address, "/api/optimise_bandwidth", &format!("on={wanted_bandwidth}"))
                } else {
                    let effect = if wanted_micc { "privilege_on" } else { "privilege_off" };
                    let confirmed = format!("%5B%7B%22{effect}%22%3A%22guest_access%22%7D%5D");
                    let form = format!("key=micc&on={wanted_micc}&confirmed={confirmed}");
                    session.call(address, "/api/switch_integration", &form)
                };
                if answer.is_none() {
                    return;
                }
                step = next;
                let _ = told.send(Acknowledged::Step(step));
            }
        });
        scope.spawn(|| {
            while session.call(address, "/api/report_problem", "subject=A&description=B").is_some() {
                let _ = told.send(Acknowledged::Report);
            }
        });
    });
}

/// Orders in each file that is imported.
const ORDERS: usize = 5;

/// Something of the partner's that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Imported,
    Assigned,
    Deleted,
    Restored,
}

/// Imports, assigns, deletes and restores in turn, until the server is gone; tells of each that was
/// acknowledged.
fn load_as_partner(address: &str, session: &Session, name: &str, round: u64, told: &Sender<Done>) {
    for turn in 0.. {
        let order = |place: usize| format!("K{round}X{turn}-{place}");
        let mut csv = "tracking_number,product,plan,quantity,purchase_date,account%0A".to_owned();
        for place in 0..ORDERS {
            let account = if place == 0 { session.number.as_str() } else { "" };
            csv.extend([&order(place), ",Mitel+One,A,9,2026-01-01,", account, "%0A"]);
        }
        let steps = [
            (Done::Imported, "/api/import_orders", format!("confirmed=true&csv={csv}")),
            (
                Done::Assigned,
                "/api/assign_order",
                format!("order={}&version=1&account={}&quantity=4", order(1), session.number),
            ),
            (Done::Deleted, "/api/delete_account", format!("name={name}")),
            (Done::Restored, "/api/restore_account", String::new()),
        ];
        for (done, function, fields) in steps {
            if session.call(address, function, &fields).is_none() {
                return;
            }
            let _ = told.send(done);
        }
    }
}

/// Kills the server again and again while it imports, assigns, deletes and restores.
fn kill_at_the_partners_work(database: &str, folder: &Path) {
    const ROUNDS: u64 = 60;
    let mut server = Server::start(folder, database);
    let admin = Session::begin(&server);
    let session = Session { cookie: Session::cookie(&server, "partner@example.com"), number: admin.number };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut imported, mut moment) = (0, 1_u64);
    for round in 0..ROUNDS {
        moment = moment * 48_271 % 2_147_483_647;
        let (told, heard) = channel();
        let (address, worker) = (server.address.clone(), session.clone());
        let work = thread::spawn(move || load_as_partner(&address, &worker, "Rossi+Ceramiche+S.p.A.", round, &told));
        let mut all: Vec<_> = heard.iter().take(usize::try_from(moment % 9).unwrap()).collect();
        server.kill();
        work.join().unwrap();
        all.extend(heard);
        imported += all.iter().filter(|done| **done == Done::Imported).count();
        let state = runtime.block_on(async {
            let store = Store::connect(&database.parse().unwrap()).await.unwrap();
            let backend = Backend::new(store.clone(), Clock::default(), Settings::new(&[7; 32]));
            assert_eq!(inconsistencies(&backend).await, Vec::<String>::new(), "round {round}");
            let state = imports_and_status(&backend, 1).await;
            store.close().await.unwrap();
            state
        });
        // What was under way when the kill came may be there or not, and then it is all there.
        let (orders, records, deleted) = state;
        assert_eq!(orders, records * ORDERS, "round {round}: half a file was imported");
        assert!(
            (imported..=imported + 1).contains(&records),
            "round {round}: {imported} acknowledged, {records} there"
        );
        imported = records;
        match all.last() {
            // The next step, which may have been under way, deletes or restores.
            Some(Done::Assigned | Done::Deleted) => {}
            Some(Done::Imported | Done::Restored) | None => assert!(!deleted, "round {round}"),
        }
        server = Server::start(folder, database);
        if deleted {
            assert!(session.call(&server.address, "/api/restore_account", "").is_some());
        }
    }
    server.kill();
}

/// Kills the purge again and again: each account is whole or gone.
fn kill_the_purge(database: &str, folder: &Path) {
    const ROUNDS: u32 = 30;
    Server::start(folder, database).kill();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let opened = async || {
        let store = Store::connect(&database.parse().unwrap()).await.unwrap();
        let long_ago = Clock::default().now().plus_seconds(-40 * 24 * 3600);
        Backend::new(store, Clock::fixed(long_ago), Settings::new(&[7; 32]))
    };
    let mut moment = 1_u64;
    for round in 0..ROUNDS {
        let before = runtime.block_on(async {
            let backend = opened().await;
            let before = delete_some(&backend, 12).await;
            backend.store.close().await.unwrap();
            before
        });
        let mut purge = Command::new(env!("CARGO_BIN_EXE_tenantry"))
            .arg("purge")
            .env("TENANTRY_DATA_FOLDER", folder)
            .env("DATABASE_URL", database)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        moment = moment * 48_271 % 2_147_483_647;
        // It is the kill that comes at any moment; nothing is waited for.
        thread::sleep(std::time::Duration::from_millis(20 + moment % 60));
        purge.kill().unwrap();
        purge.wait().unwrap();
        runtime.block_on(async {
            let backend = opened().await;
            assert_eq!(inconsistencies(&backend).await, Vec::<String>::new(), "round {round}");
            for (account, rows) in &before {
                let now = dump(&backend, *account).await;
                assert!(now.is_empty() || now == *rows, "round {round}: account {account} is half there");
            }
            backend.store.close().await.unwrap();
        });
    }
}

#[test]
fn imports_assignments_and_deletions_are_whole_or_not_at_all_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    kill_at_the_partners_work(&format!("sqlite://{}/tenantry.db", folder.path().display()), folder.path());
}

#[test]
fn imports_assignments_and_deletions_are_whole_or_not_at_all_on_postgresql() {
    on_postgresql(kill_at_the_partners_work);
}

#[test]
fn a_purge_leaves_each_account_whole_or_gone_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    kill_the_purge(&format!("sqlite://{}/tenantry.db", folder.path().display()), folder.path());
}

#[test]
fn a_purge_leaves_each_account_whole_or_gone_on_postgresql() {
    on_postgresql(kill_the_purge);
}

/// Kills the server again and again at work, looking each time at what it has kept.
fn kill_again_and_again(database: &str, folder: &Path) {
    let mut server = Server::start(folder, database);
    let session = Session::begin(&server);
    let (mut version, mut reports) = (1, 0);
    // A multiplicative sequence: as good as random, and the same every time.
    let mut moment = 1_u64;
    for round in 0..KILLS {
        let before = session.state(&server);
        assert!(before.version >= version, "round {round}: {version} was acknowledged, {before:?} is stored");
        assert_eq!(before.micc, before.guests, "round {round}: half a change is stored");
        moment = moment * 48_271 % 2_147_483_647;
        let (told, heard) = channel();
        let (address, worker) = (server.address.clone(), session.clone());
        let work = thread::spawn(move || load(&address, &worker, before, &told));
        let mut all: Vec<_> = heard.iter().take(usize::try_from(moment % 12).unwrap()).collect();
        server.kill();
        work.join().unwrap();
        all.extend(heard);
        let mut step = before.step();
        for acknowledged in all {
            match acknowledged {
                Acknowledged::Version(later) => version = later,
                Acknowledged::Step(later) => step = later,
                Acknowledged::Report => reports += 1,
            }
        }
        server = Server::start(folder, database);
        let stored = session.state(&server);
        // The one that was under way when the kill came may be there or not.
        let possible = [step, (step + 1) % STEPS.len()];
        assert!(possible.contains(&stored.step()), "round {round}: step {step} was acknowledged, {stored:?} is stored");
    }
    server.kill();
    let mails = tokio::runtime::Runtime::new().unwrap().block_on(mails(database, folder));
    // Two contacts get a mail of each report; of a round's last one nobody has heard.
    assert_eq!(mails % 2, 0, "a report has half its mails");
    assert!((reports..=reports + KILLS).contains(&(mails / 2)), "{reports} reports, {mails} mails");
}

/// How many mails there are: sent, and still to be sent.
async fn mails(database: &str, folder: &Path) -> u64 {
    let files = fs::read_dir(folder.join("demo/mail")).unwrap();
    let name = |file: fs::DirEntry| file.path().file_stem()?.to_str()?.parse::<i64>().ok();
    let mut all: BTreeSet<i64> = files.filter_map(|file| name(file.unwrap())).collect();
    let store = Store::connect(&database.parse().unwrap()).await.unwrap();
    let later = Timestamp(i64::MAX / 2);
    let backend = Backend::new(store.clone(), Clock::fixed(later), Settings::new(&[7; 32]));
    let waiting = outbox::take(&backend, 1_000_000).await.unwrap();
    all.extend(waiting.into_iter().map(|mail| mail.id));
    store.close().await.unwrap();
    all.len() as u64
}

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    kill_again_and_again(&format!("sqlite://{}/tenantry.db", folder.path().display()), folder.path());
}

#[test]
fn nothing_acknowledged_is_lost_on_postgresql() {
    on_postgresql(kill_again_and_again);
}

/// Runs `test` on a database of its own, with a folder for its files.
fn on_postgresql(test: fn(&str, &Path)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(with_postgres(async |url| {
        let work = tokio::task::spawn_blocking(move || {
            let folder = tempfile::tempdir().unwrap();
            test(&url, folder.path());
        });
        work.await.unwrap();
    }));
}

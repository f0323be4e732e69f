//! Sessions: read after the body, ended while an export runs, written to the log.

use std::{
    convert::Infallible,
    io::{self, Write},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use crate::browser::Browser;
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, header},
};
use domain::{
    id::{AccountId, PartnerId, PersonId},
    role::{Caller, Seat},
};
use futures_util::{StreamExt, stream};
use service::{Backend, accounts::information, integrations, testing::on_each_demo};

fn admin() -> Caller {
    let seat = Seat::AccountAdmin { partner: PartnerId(1), account: AccountId(1) };
    Caller { person: PersonId(3), name: "Paolo Rossi".into(), seat }
}

/// A form of which the end is sent once the browser, elsewhere, has signed out.
fn held_back(browser: &Browser, path: &str, form: &'static str) -> Request<Body> {
    let elsewhere = browser.clone();
    let (beginning, end) = form.split_at(form.len() / 2);
    let end = stream::once(async move {
        elsewhere.post("/api/sign_out", "").await;
        Ok::<_, Infallible>(end)
    });
    let body = Body::from_stream(stream::iter([Ok(beginning)]).chain(end));
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    request.header("sec-fetch-site", "same-origin").body(body).unwrap()
}

#[tokio::test]
async fn nothing_is_done_for_a_session_that_ended_while_the_body_was_on_its_way() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let browser = nobody.signed_in("admin@example.com").await;
        let answer = browser.send(held_back(&browser, "/api/rename", "name=Somebody+Else")).await;
        assert_eq!(answer.status, 401);
        let browser = nobody.signed_in("admin@example.com").await;
        let form = "_form=%2Fapi%2Frename&name=Somebody+Else";
        let answer = browser.send(held_back(&browser, "/profile", form)).await;
        assert_eq!(answer.header("location"), "/sign-in?next=%2Fprofile");
        let profile = nobody.signed_in("admin@example.com").await.get("/profile").await.text;
        assert!(profile.contains("Paolo Rossi") && !profile.contains("Somebody Else"));
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_ends_the_session_that_the_browser_had() {
    on_each_demo(async |backend| {
        let former = Browser::new(&backend).signed_in("admin@example.com").await;
        let present = former.signed_in("partner@example.com").await;
        assert_eq!(present.get("/profile").await.status, 200);
        assert_eq!(former.get("/profile").await.header("location"), "/sign-in?next=%2Fprofile");
    })
    .await;
}

async fn many_records(backend: &Backend) -> String {
    let number = information::own_number(backend, &admin()).await.unwrap();
    for round in 0..1100 {
        integrations::optimise_bandwidth(backend, &admin(), number, round % 2 == 0).await.unwrap();
    }
    number.to_string()
}

#[tokio::test]
async fn an_export_breaks_off_when_its_session_ends() {
    on_each_demo(async |backend| {
        let number = many_records(&backend).await;
        let browser = Browser::new(&backend).signed_in("partner@example.com").await;
        let exported = browser.open(&format!("/accounts/{number}/activity/export.jsonl")).await;
        let mut pieces = exported.into_body().into_data_stream();
        assert!(matches!(pieces.next().await, Some(Ok(_))));
        browser.post("/api/sign_out", "").await;
        assert!(matches!(pieces.next().await, Some(Err(_))));
    })
    .await;
}

/// From where the requests come that this file looks for in the log.
const SOURCE: &str = "192.0.2.44";

/// The log of this process, in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Begins to log. A subscriber of one thread only would miss what another test's thread was first to reach.
    fn begin() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().with_current_span(true).with_writer(move || writer.clone());
        tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
        tracing::callsite::rebuild_interest_cache();
        log
    }

    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// The line with this message about a request from [`SOURCE`].
    fn line(&self, message: &str) -> serde_json::Value {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let is_from_there = |line: &serde_json::Value| {
            line["spans"].as_array().is_some_and(|spans| spans.iter().any(|span| span["source"] == SOURCE))
        };
        let mut found = lines.filter(|line| line["fields"]["message"] == message && is_from_there(line));
        found.next().unwrap_or_else(|| panic!("{message} is not logged: {text}"))
    }
}

async fn post_from_outside(browser: &Browser, path: &str, form: &str) {
    let source = SocketAddr::new(SOURCE.parse().unwrap(), 1234);
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.extension(ConnectInfo(source)).body(Body::from(form.to_owned())).unwrap();
    browser.send(request).await;
}

#[tokio::test]
async fn what_concerns_security_is_logged_with_person_and_source() {
    let log = Log::begin();
    on_each_demo(async |backend| {
        log.clear();
        let nobody = Browser::new(&backend);
        for _ in 0..6 {
            post_from_outside(&nobody, "/api/sign_in", "email=admin%40example.com&password=wrong").await;
        }
        let right = "email=user%40example.com&password=correct+horse+battery+staple";
        post_from_outside(&nobody, "/api/sign_in", right).await;
        let browser = nobody.signed_in("admin@example.com").await;
        let wrong = "password=wrong&new_password=a+new+long+password";
        let change = "password=correct+horse+battery+staple&new_password=a+new+long+password";
        for (path, form) in [
            ("/api/rename", "name=Paolo"),
            ("/api/change_password", wrong),
            ("/api/change_password", change),
            ("/api/optimise_bandwidth", "number=100000008&on=true"),
            ("/api/sign_out", ""),
        ] {
            post_from_outside(&browser, path, form).await;
        }
        for (message, person) in [("sign-in refused", 3), ("signed in", 4)] {
            let fields = &log.line(message)["fields"];
            assert_eq!((&fields["person"], &fields["network"]), (&person.into(), &SOURCE.into()), "{message}");
        }
        assert_eq!(log.line("a rate limit was reached")["fields"]["limit"], "sign-in of account from network");
        for message in [
            "name changed",
            "changing the password refused: the present one is wrong",
            "password changed",
            "refused by rights",
            "signed out",
        ] {
            assert_eq!(log.line(message)["fields"]["person"], 3, "{message}");
        }
    })
    .await;
}

//! What an open page hears, what is exported and what is imported, by HTTP.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::Body,
    http::{Request, header},
};
use futures_util::StreamExt;
use service::{Backend, testing::on_each_demo};

use crate::browser::Browser;

async fn own_account(browser: &Browser) -> String {
    let start = browser.get("/").await;
    start.header("location").rsplit('/').next().unwrap().to_owned()
}

/// The data of the events that a page hears, one after the other; empty when there will be no more.
struct Events(axum::body::BodyDataStream);

impl Events {
    async fn open(browser: &Browser, path: &str) -> Self {
        let response = browser.open(path).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert!(response.headers().get(header::CONTENT_ENCODING).is_none());
        Self(response.into_body().into_data_stream())
    }

    async fn next(&mut self) -> String {
        let piece = self.0.next().await.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap());
        piece.map_or_else(String::new, |text| text.trim().trim_start_matches("data: ").to_owned())
    }
}

#[tokio::test]
async fn an_open_page_hears_of_each_change_and_the_server_can_stop() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let number = own_account(&admin).await;
        let mut own = Events::open(&admin, &format!("/events?account={number}")).await;
        let mut all = Events::open(&partner, "/events").await;
        // Each hears first of what was there before, of which it may be the page before.
        let recent: Vec<i64> = own.next().await.split(' ').map(|record| record.parse().unwrap()).collect();
        let page = admin.get(&format!("/accounts/{number}")).await;
        let keys = recent.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
        assert!(page.text.contains(&format!("data-seen=\"{keys}\"")), "a page that shows them asks for nothing");
        assert_ne!(all.next().await, "");
        let switched = partner.post("/api/optimise_bandwidth", &format!("number={number}&on=false")).await;
        let record: i64 = switched.text.parse().unwrap();
        assert!(!recent.contains(&record));
        assert_eq!(own.next().await, record.to_string());
        assert_eq!(all.next().await, record.to_string());
        backend.store.live().stop();
        assert_eq!((own.next().await, all.next().await), (String::new(), String::new()));
    })
    .await;
}

#[tokio::test]
async fn a_silent_connection_says_that_it_is_alive_by_an_event() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let number = own_account(&admin).await;
        let mut events = Events::open(&admin, &format!("/events?account={number}")).await;
        assert_ne!(events.next().await, "");
        // From here on time passes by itself whenever nothing else happens.
        tokio::time::pause();
        assert_eq!(events.next().await, format!("event: {0}\ndata: {0}", app::islands::ALIVE));
        tokio::time::resume();
    })
    .await;
}

#[tokio::test]
async fn an_export_is_a_file_that_a_spreadsheet_opens() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let whole = partner.get("/activity/export.csv").await;
        assert_eq!(whole.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(whole.header("content-disposition"), "attachment; filename=\"activity-2026-01-15.csv\"");
        let refused = partner.get("/activity/export.csv?kind=attempt_refused").await;
        assert!(refused.text.lines().count() < whole.text.lines().count());
        assert!(refused.text.lines().skip(1).all(|line| line.contains(",attempt_refused,")));
        let lines = partner.get("/activity/export.jsonl").await;
        assert!(lines.text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        assert_eq!(partner.get("/activity/export.exe").await.status, 404);
    })
    .await;
}

const FILE: &str = "tracking_number,product,plan,quantity,purchase_date\nX-1,Mitel One,Premier,5,2026-01-10\nX-2,,,,\n";

/// Posts `file` as a browser sends a chosen file.
async fn choose(browser: &Browser, file: &[u8]) -> crate::browser::Answer {
    let part = |head: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    let mut body = part("name=\"_form\"").into_bytes();
    body.extend_from_slice(b"/api/import_orders\r\n");
    body.extend_from_slice(part("name=\"csv\"; filename=\"orders.csv\"").as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n{}\r\n--b--\r\n", part("name=\"csv\"")).as_bytes());
    let request = Request::post("/orders/import")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin");
    browser.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_chosen_file_is_shown_first_and_imported_when_it_is_confirmed() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let preview = choose(&partner, FILE.as_bytes()).await;
        assert_eq!(preview.status, 200);
        assert!(preview.text.contains("1 order can be imported") && preview.text.contains("Line 3"));
        assert_eq!(partner.get("/orders/X-1").await.status, 404, "nothing has changed");
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("_form", "/api/import_orders")
            .append_pair("confirmed", "true")
            .append_pair("csv", FILE)
            .finish();
        let done = partner.post("/orders/import", &form).await;
        assert_eq!((done.status.as_u16(), done.header("location")), (303, "/orders?done=imported:1"));
        assert_eq!(partner.get("/orders/X-1").await.status, 200);
        let again = partner.post("/orders/import", &form).await;
        assert_eq!(again.status, 422);
        let manager = Browser::new(&backend).signed_in("manager@example.com").await;
        assert_eq!(choose(&manager, FILE.as_bytes()).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_file_of_another_encoding_or_of_no_text_is_no_harm() {
    on_each_demo(async |backend: Backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let latin = "tracking_number;product;plan;quantity;purchase_date\nX-1;Mitel One;Annu\u{e9};5;2026-01-10\n";
        let latin: Vec<u8> = latin.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
        assert!(choose(&partner, &latin).await.text.contains("Annué"));
        let noise: Vec<u8> = (0..=255).cycle().take(20_000).collect();
        assert_eq!(choose(&partner, &noise).await.status, 200);
        assert!(choose(&partner, b"").await.text.contains("Enter a value."));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_answered_by_its_page_with_the_limit() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let answer = choose(&partner, &vec![b'a'; 9 * 1024 * 1024]).await;
        assert_eq!(answer.status, 413);
        assert!(answer.text.contains("larger than the 8 MB") && answer.text.contains("id=\"file-input\""));
    })
    .await;
}

/// A body that counts the pieces that are asked for, each an empty field of a form with a file.
fn counted(pieces: usize, name: &'static str) -> (Body, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let stream = futures_util::stream::iter(0..pieces).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n\r\n"))
    });
    (Body::from_stream(stream), asked)
}

fn import(body: Body) -> Request<Body> {
    let request = Request::post("/orders/import").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    request.header("sec-fetch-site", "same-origin").body(body).unwrap()
}

#[tokio::test]
async fn of_who_may_not_import_no_body_is_read() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let manager = nobody.signed_in("manager@example.com").await;
        for (browser, status) in [(&nobody, 303), (&manager, 403)] {
            let (body, asked) = counted(60_000, "csv");
            let answer = browser.send(import(body)).await;
            assert_eq!((answer.status.as_u16(), asked.load(Ordering::SeqCst)), (status, 0));
        }
    })
    .await;
}

#[tokio::test]
async fn a_form_with_a_file_has_few_parts_of_known_names() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        for (pieces, name) in [(60_000, "csv"), (1, "unknown")] {
            let answer = partner.send(import(counted(pieces, name).0)).await;
            assert_eq!(answer.status, 400, "{pieces} of {name}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_deactivated_is_signed_out_of_the_open_page() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let number = own_account(&admin).await;
        let mut events = Events::open(&admin, &format!("/events?account={number}")).await;
        events.next().await;
        assert_eq!(partner.post("/api/deactivate_account", &format!("number={number}")).await.status, 200);
        assert_ne!(events.next().await, "", "the page hears of it, and asks for itself anew");
        let page = admin.get(&format!("/accounts/{number}")).await;
        assert_eq!(page.header("location"), format!("/sign-in?next=%2Faccounts%2F{number}"));
        assert_eq!(admin.status(&format!("/events?account={number}")).await, 204);
    })
    .await;
}

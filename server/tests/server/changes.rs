//! What an open page hears, what is exported and what is imported, by HTTP.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
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
        let page = admin.get(&format!("/accounts/{number}")).await.text.replace("\\\"", "\"");
        for key in &recent {
            assert!(page.contains(&format!("\"id\":{key},")), "a page that shows them asks for nothing");
        }
        assert_ne!(all.next().await, "");
        let switched = partner.post("/api/optimise_bandwidth", &format!("number={number}&on=false")).await;
        let switched: serde_json::Value = serde_json::from_str(&switched.text).unwrap();
        let record = switched["message"]["undo"]["change"]["record"].as_i64().unwrap();
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
        assert_eq!(events.next().await, format!("event: {0}\ndata: {0}", app::live::ALIVE));
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
        assert!(whole.text.starts_with("\u{FEFF}time,person,"), "{:.40}", whole.text);
        partner.post("/api/choose_locale", "locale=it").await;
        let italian = partner.get("/activity/export.csv").await;
        assert!(italian.text.starts_with("\u{FEFF}time;person;"), "{:.40}", italian.text);
        let lines = partner.get("/activity/export.jsonl").await;
        assert!(lines.text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        assert_eq!(partner.get("/activity/export.exe").await.status, 404);
    })
    .await;
}

const FILE: &str = "tracking_number,product,plan,quantity,purchase_date\nX-1,Mitel One,Premier,5,2026-01-10\nX-2,,,,\n";

/// Posts `file` as a browser sends a chosen file, and `text` as what was pasted beside it.
async fn choose_with(browser: &Browser, file: &[u8], text: &str) -> crate::browser::Answer {
    let part = |head: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    let mut body = part("name=\"_form\"").into_bytes();
    body.extend_from_slice(b"/api/preview_orders\r\n");
    body.extend_from_slice(part("name=\"csv\"; filename=\"orders.csv\"").as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n{}{text}\r\n--b--\r\n", part("name=\"csv\"")).as_bytes());
    let request = Request::post("/orders/import")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header("sec-fetch-site", "same-origin");
    browser.send(request.body(Body::from(body)).unwrap()).await
}

async fn choose(browser: &Browser, file: &[u8]) -> crate::browser::Answer {
    choose_with(browser, file, "").await
}

/// The value of the first hidden field `name` after `place` on a page.
fn hidden(page: &str, place: &str, name: &str) -> String {
    let rest = &page[page.find(place).unwrap_or_else(|| panic!("{place}"))..];
    let rest = &rest[rest.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("{name}"))..];
    let value = &rest[rest.find("value=\"").unwrap() + 7..];
    let value = &value[..value.find('"').unwrap()];
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The form with which a preview is confirmed.
fn confirmation(preview: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("_form", "/api/import_orders");
    for name in ["expected", "idempotency_key", "csv"] {
        form.append_pair(name, &hidden(preview, "/api/import_orders", name));
    }
    form.finish()
}

#[tokio::test]
async fn a_chosen_file_is_shown_first_and_imported_when_it_is_confirmed() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let preview = choose(&partner, FILE.as_bytes()).await;
        assert_eq!(preview.status, 200);
        assert!(preview.text.contains("1 order can be imported") && preview.text.contains("Line 3"));
        assert_eq!(partner.get("/orders/X-1").await.status, 404, "nothing has changed");
        let form = confirmation(&preview.text);
        let done = partner.post("/orders/import", &form).await;
        assert_eq!(done.status, 303);
        let list = done.header("location");
        assert!(list.starts_with("/orders?import="), "{list}");
        assert!(partner.follow(&done).await.text.contains("1 order was imported."));
        let list = partner.get(list).await.text;
        assert_eq!(list.matches("href=\"/orders/X-").count(), 1);
        assert_eq!(list.matches("href=\"/orders/TN-").count(), 0);
        let again = partner.post("/orders/import", &form).await;
        assert_eq!((again.status, again.header("location")), (done.status, done.header("location")));
        let manager = Browser::new(&backend).signed_in("manager@example.com").await;
        assert_eq!(choose(&manager, FILE.as_bytes()).await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn what_a_preview_showed_is_what_is_imported() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let header = "tracking_number,product,plan,quantity,purchase_date,remarks\r\n";
        for (place, remarks) in ["\"a\rb\"", "\"a\r\nb\"", "\"<b>&amp;\"", "'"].into_iter().enumerate() {
            let file = format!("{header}P-{place},Mitel One,<A> & \"B\",5,2026-01-10,{remarks}\r\n");
            let preview = choose(&partner, file.as_bytes()).await.text;
            assert!(preview.contains("not known: remarks"), "the column is named: {remarks}");
            let done = partner.post("/orders/import", &confirmation(&preview)).await;
            assert_eq!(done.status, 303, "{remarks}");
            let order = partner.get(&format!("/orders/P-{place}")).await.text;
            assert!(order.contains("&lt;A&gt; &amp; \"B\"") || order.contains("&lt;A&gt; &amp; &quot;B&quot;"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_unicode_is_read_as_it_is_chosen() {
    on_each_demo(async |backend: Backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let mut file = b"tracking_number;product;plan;quantity;purchase_date\nX-1;Mitel One;".to_vec();
        file.extend_from_slice(b"\xCF\xF0\xE5\xEC\xE8\xF3\xEC;5;2026-01-10\n");
        let first = choose(&partner, &file).await.text;
        assert!(first.replace("&#x27;", "'").contains("This file isn't UTF-8") && first.contains("Ïðåìèóì"));
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("_form", "/api/preview_orders")
            .append_pair("file", &hidden(&first, "t UTF-8", "file"))
            .append_pair("encoding", "windows-1251")
            .finish();
        let second = partner.post("/orders/import", &form).await.text;
        assert!(second.contains("Премиум") && !second.contains("Ïðåìèóì"));
        assert_eq!(partner.post("/orders/import", &confirmation(&second)).await.status, 303);
        assert!(partner.get("/orders/X-1").await.text.contains("Премиум"));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_answered_by_its_page_with_the_limit() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let answer = choose(&partner, &vec![b'a'; 17 * 1024 * 1024]).await;
        assert_eq!(answer.status, 413);
        assert!(answer.text.contains("larger than the 8 MiB") && answer.text.contains("id=\"file-input\""));
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
async fn a_file_that_cannot_be_read_comes_back_with_the_reason() {
    on_each_demo(async |backend: Backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let rows = format!("{}{}", &FILE[..FILE.find('\n').unwrap()], "\nA,Mitel One,A,1,2026-01-01".repeat(100_000));
        let utf16: Vec<u8> = FILE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (file, text, reason) in [
            (b"".as_slice(), "", "Choose a file or paste its content."),
            (FILE.as_bytes(), "a,b", "You chose a file and pasted text."),
            (&FILE.as_bytes()[..FILE.find('\n').unwrap()], "", "no orders below them"),
            (b"PK\x03\x04\x14\x00", "", "This is a workbook."),
            (&utf16, "", "Save it as CSV UTF-8"),
            (b"\x00\x01\x02\xFF", "", "This isn't a CSV file."),
            (&vec![b'a'; 9 * 1024 * 1024], "", "The file has 9 MiB; at most 8 MiB"),
            (rows.as_bytes(), "", "The file has 100000 orders; at most 5000"),
            (b"a,b\n1,2", "", "On line 1, these columns are missing: Tracking number, Product"),
        ] {
            let answer = choose_with(&partner, file, text).await;
            assert_eq!(answer.status, 422, "{reason}: {}", &answer.text[..answer.text.len().min(300)]);
            let shown = answer.text.replace("&#x27;", "'");
            assert!(shown.contains(reason), "{reason}");
            assert!(answer.text.len() < 100_000, "the file is not sent back");
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
async fn rows_with_errors_are_shown_and_given_back_as_a_file() {
    on_each_demo(async |backend: Backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        partner.post("/api/choose_locale", "locale=it").await;
        let file = "Numero di tracciamento;Prodotto;Piano;Quantità;Data di acquisto\nX-1;Mitel One;A;5;20/11/2026\n";
        let page = choose(&partner, file.as_bytes()).await.text;
        assert!(page.contains("«20/11/2026»"));
        let start =
            page.find("orders-with-errors.csv").map(|place| &page[page[..place].rfind("<a ").unwrap()..]).unwrap();
        let address = &start[start.find("base64,").unwrap() + 7..];
        let table = BASE64_STANDARD.decode(&address[..address.find('"').unwrap()]).unwrap();
        let table = String::from_utf8(table).unwrap();
        assert!(table.starts_with("\u{FEFF}Riga;Motivo;Numero di tracciamento;"), "{table}");
        let corrected = choose(&partner, table.replace("20/11/2026", "2026-11-20").as_bytes()).await.text;
        assert!(corrected.contains("X-1") && corrected.contains("name=\"expected\""), "and taken again");
        assert_eq!(partner.post("/orders/import", &confirmation(&corrected)).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_is_sent_twice_is_added_once() {
    on_each_demo(async |backend: Backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let page = partner.get("/accounts/new").await.text;
        let form = || {
            form_urlencoded::Serializer::new(String::new())
                .append_pair("_form", "/api/add_account")
                .append_pair("name", "Quince")
                .append_pair("country", "IT")
                .append_pair("language", "it")
                .append_pair("cloud_location", "europe")
                .append_pair("support_contact", "help@example.com")
                .append_pair("idempotency_key", &hidden(&page, "add_account", "idempotency_key"))
                .finish()
        };
        let first = partner.post("/accounts/new", &form()).await;
        assert_eq!(first.status, 303);
        let second = partner.post("/accounts/new", &form()).await;
        assert_eq!((second.status, second.header("location")), (first.status, first.header("location")));
    })
    .await;
}

#[tokio::test]
async fn a_removal_is_asked_about_said_and_undone() {
    on_each_demo(async |backend: Backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let number = own_account(&Browser::new(&backend).signed_in("admin@example.com").await).await;
        let form = confirmation(&choose(&partner, FILE.as_bytes()).await.text);
        partner.post("/orders/import", &form).await;
        let order = "order=X-1";
        let assign = format!("_form=%2Fapi%2Fassign_order&{order}&version=1&account={number}&quantity=5");
        let assigned = partner.post("/orders/X-1", &assign).await;
        assert!(partner.follow(&assigned).await.text.contains("5 licences assigned to "));
        let remove = format!("_form=%2Fapi%2Fremove_assignment&{order}&version=2&from={number}");
        let question = partner.post("/orders/X-1", &remove).await;
        assert!(question.text.contains("Take back 5 licences from "));
        let removed = partner.post("/orders/X-1", &format!("{remove}&confirmed=true")).await;
        let page = partner.follow(&removed).await.text;
        assert!(page.contains("5 licences taken back from "));
        let undo = format!(
            "_form=%2Fapi%2Fundo_removal&{order}&version={}&account={number}&number={}&quantity=5",
            hidden(&page, "/api/undo_removal", "version"),
            hidden(&page, "/api/undo_removal", "number")
        );
        let undone = partner.post("/orders/X-1", &undo).await;
        assert!(partner.follow(&undone).await.text.contains("5 licences given back to "));
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

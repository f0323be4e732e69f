//! Requests of every kind, drawn at random: none ends in a panic, and each is answered with the headers
//! that protect people.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, Uri},
};
use fastrand::Rng;
use server::{PLAIN_ROUTES, function_routes, page_routes};
use service::testing::on_each_demo;

use crate::browser::{Browser, HOST};

/// Requests on each database.
const REQUESTS: usize = 1_500;

const SEED: u64 = 20_261_126;

const METHODS: [&str; 10] = ["GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "CONNECT", "OPTIONS", "INVENTED"];

const PIECES: [&str; 16] = [
    "100000008",
    "-1",
    "%00",
    "%FF",
    "..",
    "//",
    "*",
    "?",
    "=",
    "&",
    "a",
    "\u{fc}",
    "x:80",
    "9223372036854775808",
    "'",
    "<b>",
];

const HEADERS: [(&str, &[&str]); 12] = [
    ("host", &[HOST, HOST, HOST, "localhost", "evil.example", "", "[", "a b", "127.0.0.1:99999"]),
    ("cookie", &["tenantry_session=0", ";;=;", "tenantry_locale=it; tenantry_locale=%00", "\u{fc}"]),
    ("accept", &["text/html", "*/*", "", "\u{fc}"]),
    ("accept-language", &["it", "en;q=x,,;", "\u{fc}"]),
    ("accept-encoding", &["gzip", "br;q=0", ",,"]),
    (
        "content-type",
        &["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data", ""],
    ),
    ("origin", &["http://127.0.0.1:3000", "null", "https://evil.example", ":", ""]),
    ("sec-fetch-site", &["same-origin", "cross-site", "\u{fc}"]),
    ("x-forwarded-for", &["1.1.1.1, [::1]:80", ",,", "\u{fc}"]),
    ("x-request-id", &["mine", "\u{fc}"]),
    ("tenantry-live", &["1"]),
    ("if-none-match", &["*", "W/\"", "\u{fc}"]),
];

fn piece(rng: &mut Rng) -> String {
    let count = rng.usize(0..4);
    (0..count).map(|_| PIECES[rng.usize(..PIECES.len())]).collect()
}

fn target(rng: &mut Rng, routes: &[String]) -> String {
    let known = routes[rng.usize(..routes.len())].clone();
    let path = match rng.u8(..8) {
        0 => piece(rng),
        1 => format!("/{}", piece(rng)),
        _ => known.replace("{number}", "100000008").replace("{order}", &piece(rng)).replace("{file}", "export.csv"),
    };
    if rng.u8(..3) == 0 { format!("{path}?{}={}", piece(rng), piece(rng)) } else { path }
}

fn body(rng: &mut Rng, functions: &[String]) -> Vec<u8> {
    let function = functions[rng.usize(..functions.len())].replace('/', "%2F");
    match rng.u8(..4) {
        0 => Vec::new(),
        1 => (0..rng.usize(..2_000)).map(|_| rng.u8(..)).collect(),
        2 => format!("--b\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{function}\r\n--b--", piece(rng))
            .into_bytes(),
        _ => format!("_form={function}&number={}&version={}&name={}", piece(rng), piece(rng), piece(rng)).into_bytes(),
    }
}

/// A request, unless what was drawn is none that a server could be sent.
fn draw(rng: &mut Rng, routes: &[String], functions: &[String]) -> Option<Request<Body>> {
    let method = Method::from_bytes(METHODS[rng.usize(..METHODS.len())].as_bytes()).ok()?;
    let uri: Uri = target(rng, routes).parse().ok()?;
    let mut request = Request::builder().method(method).uri(uri);
    for (name, values) in HEADERS {
        if rng.u8(..3) == 0 {
            request = request.header(name, values[rng.usize(..values.len())].as_bytes());
        }
    }
    request.body(Body::from(body(rng, functions))).ok()
}

#[tokio::test]
async fn no_request_ends_in_a_panic_or_without_protecting_headers() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let people = [
            nobody.clone(),
            nobody.signed_in("admin@example.com").await,
            nobody.signed_in("partner@example.com").await,
        ];
        let functions = function_routes();
        let mut routes = page_routes();
        routes.extend(functions.iter().cloned());
        routes.extend(PLAIN_ROUTES.map(str::to_owned));
        // An answer that goes on as long as the page is open is not waited for.
        routes.retain(|path| path != "/events");
        let mut rng = Rng::with_seed(SEED);
        let mut sent = 0;
        while sent < REQUESTS {
            let person = &people[rng.usize(..people.len())];
            let Some(request) = draw(&mut rng, &routes, &functions) else { continue };
            sent += 1;
            let what = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
            let answer = person.send(request).await;
            assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{what}: {}", answer.text);
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{what}");
            assert_eq!(answer.header("x-request-id").len(), 36, "{what}");
        }
    })
    .await;
}

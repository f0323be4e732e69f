//! A browser without a window: it sends requests to the server in this process, with its cookies.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use server::{AppState, Files};
use service::{Backend, demo::PASSWORD};
use tower::ServiceExt;

/// Where the browser believes the server to be.
pub const HOST: &str = "127.0.0.1:3000";

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// What of a page is shown: without the data with which a browser goes on from it.
pub fn shown(page: &str) -> String {
    let mut shown = String::new();
    for (place, part) in page.split("<script").enumerate() {
        shown.push_str(if place == 0 { part } else { part.split_once("</script>").map_or("", |(_, rest)| rest) });
    }
    shown
}

impl Answer {
    /// What of the page is shown.
    pub fn shown(&self) -> String {
        shown(&self.text)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A browser with one person's session, or nobody's.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookie: String,
}

impl Browser {
    /// A browser in which nobody is signed in.
    pub fn new(backend: &Backend) -> Self {
        let state = AppState::plain(backend.clone(), Files::load().unwrap());
        Self { router: server::router(state), cookie: String::new() }
    }

    /// The same browser after `email` has signed in.
    pub async fn signed_in(&self, email: &str) -> Self {
        let form = format!(
            "_form=%2Fapi%2Fsign_in&email={}&password={}",
            email.replace('@', "%40"),
            PASSWORD.replace(' ', "+")
        );
        let answer = self.post("/sign-in", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{email} signs in");
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(cookie.starts_with("tenantry_session="), "{cookie}");
        Self { router: self.router.clone(), cookie }
    }

    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self { router: self.router.clone(), cookie: cookie.to_owned() }
    }

    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// The status of an answer whose body may never end.
    pub async fn status(&self, path: &str) -> StatusCode {
        self.open(path).await.status()
    }

    /// An answer whose body is read bit by bit.
    pub async fn open(&self, path: &str) -> Response<Body> {
        let request = Request::get(path).header(header::HOST, HOST).header(header::COOKIE, &self.cookie);
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// Posts a form, as a browser without JavaScript does.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.header("sec-fetch-site", "same-origin").body(Body::from(form.to_owned())).unwrap()).await
    }

    /// The page to which the answer to a form leads, with what is said there about the form.
    pub async fn follow(&self, answer: &Answer) -> Answer {
        let said = answer.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
        let said = said.filter(|cookie| cookie.starts_with("tenantry_message="));
        let cookies: Vec<&str> =
            std::iter::once(self.cookie.as_str()).chain(said.filter_map(|cookie| cookie.split(';').next())).collect();
        let path = answer.header("location").split('#').next().unwrap();
        self.with_cookie(&cookies.join("; ")).get(path).await
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry(header::HOST).or_insert(HeaderValue::from_static(HOST));
        if !self.cookie.is_empty() {
            request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

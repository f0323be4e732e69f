//! Requests for a host that is not this server's are refused, which ends DNS rebinding.

use std::sync::Arc;

use app::wording::Wording;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response, StatusCode, Uri, Version, header, uri::Authority},
    middleware::Next,
    response::IntoResponse,
};
use url::{Host, Url};

use super::{AppState, request::locale};
use crate::config::Config;

/// The most parameters of a query. `leptos_router` looks for each among all before it.
const MAX_PARAMETERS: usize = 100;

/// The origin at which browsers reach the console, if it is configured.
#[derive(Clone, Debug)]
pub(crate) struct PublicOrigin(Option<Arc<Url>>);

impl PublicOrigin {
    pub(crate) fn new(config: &Config) -> Self {
        Self(config.public_url.as_deref().and_then(|url| Url::parse(url).ok()).map(Arc::new))
    }

    /// Whether a page of `origin` is one of this server's, which was asked for as `host`.
    pub(crate) fn is_same(&self, origin: &str, host: Option<&str>) -> bool {
        let Some(origin) = Url::parse(origin).ok().filter(Url::has_host) else { return false };
        if let Some(public) = self.0.as_deref().filter(|public| name(public) == name(&origin)) {
            return is_equal(public, &origin);
        }
        let asked = host.and_then(|host| read(origin.scheme(), host));
        asked.is_some_and(|asked| is_equal(&asked, &origin) && self.serves(&asked))
    }

    /// Whether a request for the host of `url` is for this server. Names that lead here without being
    /// configured are those that nobody can point at this server by DNS.
    fn serves(&self, url: &Url) -> bool {
        if self.0.as_deref().is_some_and(|public| name(public) == name(url)) {
            return true;
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.0.is_none() || address.is_loopback(),
            Some(Host::Ipv6(address)) => self.0.is_none() || address.to_canonical().is_loopback(),
            Some(Host::Domain(domain)) => {
                let domain = domain.trim_end_matches('.');
                domain == "localhost" || domain.ends_with(".localhost")
            }
            None => false,
        }
    }
}

/// The host and port of a `Host` header.
fn read(scheme: &str, host: &str) -> Option<Url> {
    let url = Url::parse(&format!("{scheme}://{host}")).ok()?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_bare && !host.ends_with('/') && url.password().is_none()).then_some(url)
}

fn name(url: &Url) -> Option<&str> {
    url.host_str().map(|host| host.trim_end_matches('.'))
}

fn is_equal(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && name(one) == name(other)
        && one.port_or_known_default() == other.port_or_known_default()
}

/// The host that a request names, if it names exactly one.
pub(super) fn asked(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Whether a target is one that everything behind this can read: CONNECT, `OPTIONS *` and the authority form
/// name no path.
fn is_readable(uri: &Uri) -> bool {
    let parameters = uri.query().map_or(0, |query| query.split('&').count());
    uri.path().starts_with('/') && uri.path_and_query().is_some() && parameters <= MAX_PARAMETERS
}

/// Answers requests only that name a path, and a host of this server.
pub(crate) async fn refuse_unknown(State(state): State<AppState>, request: Request, next: Next) -> Response<Body> {
    let uri = request.uri();
    if !is_readable(uri) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let wording = Wording(locale(&state, request.headers()));
    // What stands in the request's line goes before the header (RFC 9112, section 3.2.2).
    let authority = uri.authority().map(Authority::as_str);
    let Some(host) = authority.or_else(|| asked(request.headers())) else {
        let may_lack_it = request.version() < Version::HTTP_11 && !request.headers().contains_key(header::HOST);
        return if may_lack_it { next.run(request).await } else { StatusCode::BAD_REQUEST.into_response() };
    };
    match read(state.scheme(), host) {
        None => StatusCode::BAD_REQUEST.into_response(),
        Some(url) if state.public_origin.serves(&url) => next.run(request).await,
        Some(url) => {
            tracing::warn!(
                host = super::observe::cut(host),
                "refused a request for another host; is public_url right?"
            );
            let asked = url.host_str().unwrap_or_default();
            let known = state.public_origin.0.as_deref().and_then(Url::host_str).unwrap_or("localhost");
            (StatusCode::MISDIRECTED_REQUEST, wording.unknown_host(asked, known) + "\n").into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    fn public(url: Option<&str>) -> PublicOrigin {
        PublicOrigin::new(&Config { public_url: url.map(str::to_owned), ..Config::default() })
    }

    fn serves(origin: &PublicOrigin, host: &str) -> bool {
        read("https", host).is_some_and(|url| origin.serves(&url))
    }

    #[test]
    fn only_the_public_host_and_loopback_are_served() {
        let origin = public(Some("https://console.example.com"));
        for host in
            ["console.example.com", "Console.EXAMPLE.com:443", "console.example.com.", "127.0.0.1:3000", "[::1]"]
        {
            assert!(serves(&origin, host), "{host}");
        }
        for host in
            ["evil.example", "console.example.com.evil.example", "192.0.2.1", "console.example.com@evil.example", ""]
        {
            assert!(!serves(&origin, host), "{host}");
        }
    }

    #[test]
    fn without_a_public_url_names_of_the_dns_are_not_served() {
        let origin = public(None);
        for host in ["localhost:3000", "LOCALHOST.", "127.0.0.1", "[::1]:3000", "192.168.1.5:3000", "[2001:db8::1]"] {
            assert!(serves(&origin, host), "{host}");
        }
        for host in
            ["evil.example", "console", "localhost.evil.example", "a b", "127.0.0.1/path", "127.0.0.1?a", "[::1"]
        {
            assert!(!serves(&origin, host), "{host}");
        }
    }

    #[test]
    fn a_page_is_of_this_site_however_its_origin_is_spelt() {
        let origin = public(Some("https://console.example.com"));
        assert!(origin.is_same("https://console.example.com", Some("10.0.0.5")));
        assert!(origin.is_same("https://console.example.com:443", None));
        assert!(origin.is_same("http://127.0.0.1:3000", Some("127.0.0.1:3000")));
        for (page, host) in [
            ("http://console.example.com", "console.example.com"),
            ("https://console.example.com:8443", "10.0.0.5"),
            ("https://evil.example", "evil.example"),
            ("null", "console.example.com"),
            ("", "console.example.com"),
        ] {
            assert!(!origin.is_same(page, Some(host)), "{page}");
        }
        let bare = public(None);
        assert!(bare.is_same("http://192.168.1.5:3000", Some("192.168.1.5:3000")));
        assert!(!bare.is_same("http://evil.example:3000", Some("evil.example:3000")));
        assert!(!bare.is_same("http://console.example.com", Some("127.0.0.1:3000")));
    }

    #[test]
    fn a_target_has_a_path_and_few_parameters() {
        let readable = |target: &str| is_readable(&target.parse().unwrap());
        assert!(readable("/") && readable("http://a.example/b?c=d") && readable(&format!("/?{}", "a+".repeat(20_000))));
        assert!(!readable("evil:80") && !readable("*") && !readable(&format!("/?{}", "a&".repeat(20_000))));
    }

    #[test]
    fn one_host_is_asked_for_or_none() {
        let mut headers = HeaderMap::new();
        headers.append(header::HOST, "a.example".parse().unwrap());
        assert_eq!(asked(&headers), Some("a.example"));
        headers.append(header::HOST, "b.example".parse().unwrap());
        assert_eq!(asked(&headers), None);
    }
}

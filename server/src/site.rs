//! The browser's files: inside the binary of a release, read from `target/site` otherwise.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use anyhow::{Context, Result};
use app::request::Site;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Embedded;

/// The browser's files by their path, each in the encodings in which it is kept.
#[derive(Clone, Debug)]
pub struct Files {
    files: Arc<HashMap<String, File>>,
    site: Arc<Site>,
}

#[derive(Debug, Default)]
struct File {
    plain: Content,
    brotli: Option<Content>,
    gzip: Option<Content>,
}

/// A file in one encoding, and the hash by which a browser knows it again.
#[derive(Debug, Default)]
struct Content {
    bytes: Cow<'static, [u8]>,
    etag: String,
}

impl From<EmbeddedFile> for Content {
    fn from(file: EmbeddedFile) -> Self {
        let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..8]));
        Self { bytes: file.data, etag }
    }
}

impl Files {
    /// Reads the files.
    ///
    /// # Errors
    /// When the list that the build leaves beside them cannot be read.
    pub fn load() -> Result<Self> {
        let mut files: HashMap<String, File> = HashMap::new();
        for name in Embedded::iter() {
            let Some(content) = Embedded::get(&name) else { continue };
            let (path, encoding) = match name.rsplit_once('.') {
                Some((path, encoding @ ("br" | "gz"))) => (path, encoding),
                _ => (name.as_ref(), ""),
            };
            let file = files.entry(format!("/{path}")).or_default();
            match encoding {
                "br" => file.brotli = Some(content.into()),
                "gz" => file.gzip = Some(content.into()),
                _ => file.plain = content.into(),
            }
        }
        let site = match files.remove("/site.json") {
            Some(list) => serde_json::from_slice(&list.plain.bytes).context("site.json")?,
            None => Self::unhashed(),
        };
        Ok(Self { files: Arc::new(files), site: Arc::new(site) })
    }

    /// The names under which `cargo leptos watch` builds the files.
    fn unhashed() -> Site {
        let path = |suffix: &str| format!("/pkg/tenantry{suffix}");
        Site { script: path(".js"), wasm: path("_bg.wasm"), style: path(".css") }
    }

    /// Where the page finds its script, WebAssembly and style.
    pub(crate) fn site(&self) -> Arc<Site> {
        self.site.clone()
    }

    /// The file at `path`, in the best encoding that the browser takes; `None` if there is none.
    pub(crate) fn answer(&self, path: &str, request: &HeaderMap) -> Option<Response<Body>> {
        let file = self.files.get(path)?;
        let accepts = |encoding| accepts(request, encoding);
        let (content, encoding) = match file {
            File { brotli: Some(brotli), .. } if accepts("br") => (brotli, Some("br")),
            File { gzip: Some(gzip), .. } if accepts("gzip") => (gzip, Some("gzip")),
            File { plain, .. } => (plain, None),
        };
        let is_known = is_known(request, &content.etag);
        let mut response = Response::new(match &content.bytes {
            _ if is_known => Body::empty(),
            Cow::Borrowed(bytes) => Body::from(*bytes),
            Cow::Owned(bytes) => Body::from(bytes.clone()),
        });
        *response.status_mut() = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let headers = response.headers_mut();
        if let Ok(etag) = HeaderValue::from_str(&content.etag) {
            headers.insert(header::ETAG, etag);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control(path, &self.site)));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Some(response)
    }
}

/// Whether the browser has the content of `etag` already.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
    tags.any(|tag| tag == etag || tag == "*")
}

/// Whether the request takes `encoding`.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|part| {
        let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
        name.trim() == encoding && parameters.replace(' ', "") != "q=0"
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A file with the hash of its content in its name never changes.
fn cache_control(path: &str, site: &Site) -> &'static str {
    let hashed = site.script != Files::unhashed().script && path.starts_with("/pkg/");
    if hashed { "public, max-age=31536000, immutable" } else { "public, max-age=3600" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_has_is_known_by_its_hash() {
        let headers =
            |text: &'static str| HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(text))]);
        assert!(is_known(&headers("\"a\", W/\"b\""), "\"b\""));
        assert!(is_known(&headers("*"), "\"b\""));
        assert!(!is_known(&headers("b"), "\"b\"") && !is_known(&HeaderMap::new(), "\"b\""));
    }

    #[test]
    fn an_encoding_is_used_only_where_it_is_taken() {
        let headers =
            |text: &'static str| HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]);
        assert!(accepts(&headers("gzip, deflate, br;q=0.9"), "br"));
        assert!(!accepts(&headers("gzip, br; q=0"), "br"));
        assert!(!accepts(&headers("brotli"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }
}

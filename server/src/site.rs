//! The browser's files: inside the binary of a release, read from `target/site` otherwise.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use anyhow::{Context, Result};
use app::request::Site;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use rust_embed::Embed;

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
    plain: Cow<'static, [u8]>,
    brotli: Option<Cow<'static, [u8]>>,
    gzip: Option<Cow<'static, [u8]>>,
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
                "br" => file.brotli = Some(content.data),
                "gz" => file.gzip = Some(content.data),
                _ => file.plain = content.data,
            }
        }
        let site = match files.remove("/site.json") {
            Some(list) => serde_json::from_slice(&list.plain).context("site.json")?,
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
        let mut response = Response::new(match content {
            Cow::Borrowed(bytes) => Body::from(*bytes),
            Cow::Owned(bytes) => Body::from(bytes.clone()),
        });
        *response.status_mut() = StatusCode::OK;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control(path, &self.site)));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        Some(response)
    }
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
    fn an_encoding_is_used_only_where_it_is_taken() {
        let headers =
            |text: &'static str| HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(text))]);
        assert!(accepts(&headers("gzip, deflate, br;q=0.9"), "br"));
        assert!(!accepts(&headers("gzip, br; q=0"), "br"));
        assert!(!accepts(&headers("brotli"), "br"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }
}

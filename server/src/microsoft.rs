//! The Microsoft identity platform, as far as set-ups ask it.

use std::{future::Future, pin::Pin, time::Duration};

use anyhow::{Context, Result, ensure};
use domain::foreign_text;
use reqwest::{Response, StatusCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, de::IgnoredAny};
use service::integrations::microsoft::{Checked, Credentials, TokenEndpoint};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read.
const MAX_ANSWER: usize = 64 * 1024;

/// The most characters of a reason that are kept.
const MAX_REASON: usize = 300;

/// The token endpoint (OAuth 2.0 client credentials, RFC 6749 section 4.4).
#[derive(Debug)]
pub(crate) struct MicrosoftIdentityPlatform {
    base: String,
    client: reqwest::Client,
}

/// An answer with a token, which nobody needs: it proves the credentials.
#[derive(Deserialize)]
struct Token {
    #[serde(rename = "access_token")]
    _access_token: IgnoredAny,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl MicrosoftIdentityPlatform {
    /// The platform at `base`.
    pub(crate) fn new(base: &str) -> Result<Self> {
        // Refused only where a provider is installed already, and it is the same everywhere.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build();
        Ok(Self { base: base.trim_end_matches('/').to_owned(), client: client.context("no HTTP client")? })
    }

    async fn ask(&self, credentials: &Credentials) -> Result<Checked> {
        let url = format!("{}/{}/oauth2/v2.0/token", self.base, credentials.tenant_id);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.client_id),
            ("client_secret", credentials.client_secret.expose_secret()),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let answer = self.client.post(url).form(&form).send().await.map_err(reqwest::Error::without_url)?;
        let status = answer.status();
        let body = read(answer).await?;
        if status.is_success() {
            serde_json::from_slice::<Token>(&body).context("the answer holds no token")?;
            return Ok(Checked::Accepted);
        }
        ensure!(status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS, "the answer is {status}");
        let refusal: Refusal = serde_json::from_slice(&body).context("the refusal cannot be read")?;
        ensure!(!is_temporary(&refusal.error), "the answer is {}", refusal.error);
        // The description goes on with ids for Microsoft's support, each on a line of its own.
        let reason = refusal.error_description.lines().next().filter(|line| !line.is_empty());
        Ok(Checked::Refused(foreign_text::one_line(reason.unwrap_or(&refusal.error), MAX_REASON)))
    }
}

/// Whether an error says nothing of the credentials (RFC 6749 section 5.2 and Microsoft's own).
fn is_temporary(error: &str) -> bool {
    matches!(error, "temporarily_unavailable" | "server_error")
}

/// Reads an answer that is no longer than [`MAX_ANSWER`].
async fn read(mut answer: Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        ensure!(body.len() + chunk.len() <= MAX_ANSWER, "the answer is longer than {MAX_ANSWER} bytes");
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl TokenEndpoint for MicrosoftIdentityPlatform {
    fn check<'a>(&'a self, credentials: &'a Credentials) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>> {
        Box::pin(async move {
            self.ask(credentials).await.unwrap_or_else(|error| {
                tracing::warn!(error = format!("{error:#}"), "Microsoft could not be asked");
                Checked::Unreachable
            })
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        task::JoinHandle,
    };

    use super::*;

    /// Answers one request by `head` and `body`; whether all of it could be written.
    async fn answer(head: &str, body: Vec<u8>) -> (MicrosoftIdentityPlatform, JoinHandle<bool>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        let written = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 8192]).await.unwrap();
            stream.write_all(head.as_bytes()).await.is_ok() && stream.write_all(&body).await.is_ok()
        });
        (MicrosoftIdentityPlatform::new(&base).unwrap(), written)
    }

    async fn check(head: &str, body: &str) -> Checked {
        let (platform, _) = answer(head, body.as_bytes().to_vec()).await;
        platform.check(&credentials()).await
    }

    fn credentials() -> Credentials {
        Credentials {
            tenant_id: "72f988bf-86f1-41af-91ab-2d7cd011db47".to_owned(),
            client_id: "b2e7d6c4-91f0-4a35-9d8e-57c3a1f2460b".to_owned(),
            client_secret: "secret".to_owned().into(),
        }
    }

    #[tokio::test]
    async fn credentials_are_accepted_by_a_token_and_nothing_else() {
        assert_eq!(check("200 OK", r#"{"token_type":"Bearer","access_token":"x"}"#).await, Checked::Accepted);
        for (head, body) in [
            ("200 OK", "<html>Sign in to the network</html>"),
            ("200 OK", "{}"),
            ("302 Found\r\nLocation: https://example.com/", ""),
            ("503 Service Unavailable", ""),
            ("429 Too Many Requests", r#"{"error":"invalid_client"}"#),
            ("400 Bad Request", r#"{"error":"temporarily_unavailable"}"#),
            ("403 Forbidden", "<html>Blocked by the proxy</html>"),
        ] {
            assert_eq!(check(head, body).await, Checked::Unreachable, "{head} {body}");
        }
    }

    #[tokio::test]
    async fn a_refusal_is_its_first_line_cleaned() {
        let body =
            r#"{"error":"invalid_client","error_description":"AADSTS7000215:\u001b[31m Wrong\u202e.\r\nTrace ID: 1"}"#;
        let reason = "AADSTS7000215: [31m Wrong.".to_owned();
        assert_eq!(check("401 Unauthorized", body).await, Checked::Refused(reason));
        let reason = "invalid_client".to_owned();
        assert_eq!(check("401 Unauthorized", r#"{"error":"invalid_client"}"#).await, Checked::Refused(reason));
    }

    #[tokio::test]
    async fn an_answer_is_read_no_further_than_its_limit() {
        let (platform, written) = answer("200 OK", vec![b' '; 60 * 1024 * 1024]).await;
        assert_eq!(platform.check(&credentials()).await, Checked::Unreachable);
        assert!(!written.await.unwrap(), "the connection is closed before all of it was read");
    }
}

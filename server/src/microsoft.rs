//! The Microsoft identity platform, as far as set-ups ask it.

use std::{future::Future, pin::Pin, time::Duration};

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use serde::Deserialize;
use service::integrations::microsoft::{Checked, Credentials, TokenEndpoint};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The token endpoint (OAuth 2.0 client credentials, RFC 6749 section 4.4).
#[derive(Debug)]
pub(crate) struct MicrosoftIdentityPlatform {
    base: String,
    client: reqwest::Client,
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
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
        Ok(Self { base: base.trim_end_matches('/').to_owned(), client: client.context("no HTTP client")? })
    }

    async fn ask(&self, credentials: &Credentials) -> Result<Checked, reqwest::Error> {
        let url = format!("{}/{}/oauth2/v2.0/token", self.base, credentials.tenant_id);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.client_id),
            ("client_secret", credentials.client_secret.expose_secret()),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let answer = self.client.post(url).form(&form).send().await?;
        if answer.status().is_success() {
            return Ok(Checked::Accepted);
        }
        if !answer.status().is_client_error() {
            return Ok(Checked::Unreachable);
        }
        let refusal: Refusal = answer.json().await?;
        // The description goes on with ids for Microsoft's support, each on a line of its own.
        let reason = refusal.error_description.lines().next().filter(|line| !line.is_empty());
        Ok(Checked::Refused(reason.unwrap_or(&refusal.error).chars().take(300).collect()))
    }
}

impl TokenEndpoint for MicrosoftIdentityPlatform {
    fn check<'a>(&'a self, credentials: &'a Credentials) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>> {
        Box::pin(async move {
            self.ask(credentials).await.unwrap_or_else(|error| {
                tracing::warn!(error = %error.without_url(), "Microsoft could not be asked");
                Checked::Unreachable
            })
        })
    }
}

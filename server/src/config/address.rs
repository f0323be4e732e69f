//! URLs and networks in the configuration. No error and nothing shown holds any part of a password.

use std::{fmt, net::IpAddr, str::FromStr};

use anyhow::{Result, anyhow, bail};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

/// Parameters of a database URL that are no secret.
const SHOWN_PARAMETERS: [&str; 8] =
    ["application_name", "dbname", "host", "hostaddr", "port", "sslmode", "statement-cache-capacity", "user"];

/// Reads the URL of `key`, which begins with one of `schemes`.
pub(super) fn read(key: &str, text: &str, schemes: &[&str]) -> Result<Url> {
    let rest = text.split_once("://").filter(|(scheme, _)| schemes.contains(scheme)).map(|(_, rest)| rest);
    let Some(rest) = rest else { bail!("{key}: it has to begin with {}://", schemes.join(":// or ")) };
    // What ends the host ends it wherever it stands, in a password too.
    if let Some(end) = rest.find(['/', '?', '#'])
        && rest[end..].contains('@')
    {
        let found = char::from(rest.as_bytes()[end]);
        bail!(
            "{key}: {found} stands before an @; in a user name or password write it as %{:02X} (and @ elsewhere as %40)",
            u32::from(found)
        );
    }
    Url::parse(text).map_err(|error| anyhow!("{key}: {error}"))
}

/// Whether a URL holds a user name or a password.
pub(super) fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// The origin of `public_url`, as browsers write it.
pub(super) fn origin(text: &str) -> Result<String> {
    let mut url = read("public_url", text, &["https", "http"])?;
    if has_credentials(&url) {
        bail!("public_url: no user name and no password belong there");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        bail!(
            "public_url: Tenantry is served at the root of its host; leave {} away",
            &url[url::Position::BeforePath..]
        );
    }
    let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
    url.set_host(Some(&host)).map_err(|error| anyhow!("public_url: {error}"))?;
    Ok(url.origin().ascii_serialization())
}

/// The URL of a database without its secrets.
pub(super) fn shown(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let Ok(mut url) = read("database_url", text, &["postgres", "postgresql"]) else { return "(unreadable)".to_owned() };
    // It fails only where there can be no password.
    let _ = url.set_password(None);
    url.set_fragment(None);
    let parameters: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    url.set_query(None);
    for (name, value) in parameters {
        let value = if SHOWN_PARAMETERS.contains(&name.as_str()) { value } else { "hidden".to_owned() };
        url.query_pairs_mut().append_pair(&name, &value);
    }
    url.to_string()
}

/// A network of trusted proxies, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Network(IpNet);

impl Network {
    /// Whether `address` is in it.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self).map_err(|_| format!("trusted_proxies: {text} is neither an IP address nor a network"))
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

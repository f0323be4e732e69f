//! The configuration: a file, and the environment over it.

use std::{collections::BTreeMap, env, fs, net::SocketAddr, path::Path, path::PathBuf};

use anyhow::{Context, Result, bail};
use domain::integrations::Catalogue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use service::{
    CloudLocation, Sealer, Settings,
    integrations::microsoft::{MicrosoftSettings, OwnApplication},
};
use toml::{Table, Value};

/// Variables that begin like a key of the configuration and are none.
const NOT_KEYS: [&str; 2] = ["TENANTRY_CONFIG", "TENANTRY_TEST_POSTGRES"];

/// Everything that an operator can set. A key that is not here is refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The address on which the console is served.
    pub(crate) listen: SocketAddr,
    /// The database's URL. Without one it is a `SQLite` file in the data folder.
    pub(crate) database_url: Option<String>,
    /// The folder for what Tenantry keeps.
    pub(crate) data_folder: PathBuf,
    /// The most connections to the database.
    pub(crate) max_connections: u32,
    /// Where browsers reach the console, such as `https://console.example.com`. With `https` the
    /// cookies are bound to TLS and browsers are told to use nothing else.
    pub(crate) public_url: Option<String>,
    /// The header in which a proxy in front tells the client's address, such as `X-Forwarded-For`.
    /// Only the last address in it is believed.
    pub(crate) client_address_header: Option<String>,
    /// What is logged: a level, or a filter such as `info,service=debug`.
    pub(crate) log: String,
    /// How it is logged.
    pub(crate) log_format: LogFormat,
    /// The regions in which accounts' data can be held.
    pub(crate) cloud_locations: Vec<CloudLocation>,
    /// The key with which secrets are encrypted: 64 hexadecimal digits. Without one it is drawn at the
    /// first start and kept in the data folder.
    pub(crate) encryption_key: Option<SecretString>,
    /// A catalogue of integrations that adds to the one in the binary.
    pub(crate) catalogue: Option<PathBuf>,
    /// The mail server, such as `smtps://user:password@mail.example.com`.
    pub(crate) smtp_url: Option<SecretString>,
    /// A folder into which mail is written instead, a file each.
    pub(crate) mail_folder: Option<PathBuf>,
    /// The sender of mail.
    pub(crate) mail_from: String,
    /// The base address of the Microsoft identity platform; national clouds have their own.
    pub(crate) microsoft_login_url: String,
    /// The client id of the operator's own application at Microsoft, for consent to Office 365.
    pub(crate) microsoft_client_id: Option<String>,
    /// The secret of that application, with which each consent is confirmed.
    pub(crate) microsoft_client_secret: Option<SecretString>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// A line of JSON for each event.
    #[default]
    Json,
    /// A line of text for each event.
    Text,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            database_url: None,
            data_folder: PathBuf::from("data"),
            max_connections: 16,
            public_url: None,
            client_address_header: None,
            log: "info".to_owned(),
            log_format: LogFormat::default(),
            cloud_locations: CloudLocation::defaults(),
            encryption_key: None,
            catalogue: None,
            smtp_url: None,
            mail_folder: None,
            mail_from: "Tenantry <tenantry@localhost>".to_owned(),
            microsoft_login_url: MicrosoftSettings::default().login_url,
            microsoft_client_id: None,
            microsoft_client_secret: None,
        }
    }
}

impl Config {
    /// Reads the configuration from `file`, if there is one, and from the environment.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self> {
        let named = env::var_os("TENANTRY_CONFIG").map(PathBuf::from);
        let text = match file.or(named.as_deref()) {
            Some(file) => fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?,
            None => String::new(),
        };
        Self::parse(&text, env::vars())
    }

    fn parse(text: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut table: Table = text.parse().context("the configuration file is no TOML")?;
        for (name, value) in variables {
            if let Some(key) = key_of(&name) {
                table.insert(key, value_of(value));
            }
        }
        let config: Self = Value::Table(table).try_into().context("the configuration is wrong")?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        if self.cloud_locations.is_empty() {
            bail!("cloud_locations: at least one region is needed");
        }
        if let Some(url) = &self.public_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            bail!("public_url: {url} begins neither with https:// nor with http://");
        }
        if self.max_connections == 0 {
            bail!("max_connections: at least one is needed");
        }
        if let Some(key) = &self.encryption_key {
            read_key(key.expose_secret())?;
        }
        if self.smtp_url.is_some() && self.mail_folder.is_some() {
            bail!("smtp_url and mail_folder: only one of them can be set");
        }
        self.read_catalogue()?;
        Ok(())
    }

    /// The database's URL.
    pub(crate) fn database_url(&self) -> String {
        let file = self.data_folder.join("tenantry.db");
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", file.display()))
    }

    /// Whether browsers reach the console by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// What use cases must know.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let key = match &self.encryption_key {
            Some(key) => read_key(key.expose_secret())?,
            None => kept_key(&self.data_folder)?,
        };
        let public_url = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        Ok(Settings {
            cloud_locations: self.cloud_locations.clone(),
            catalogue: self.read_catalogue()?,
            microsoft: MicrosoftSettings {
                login_url: self.microsoft_login_url.clone(),
                application: self.microsoft_application(),
                public_url,
            },
            ..Settings::new(&key)
        })
    }

    /// The operator's own application at Microsoft, if it is configured whole.
    fn microsoft_application(&self) -> Option<OwnApplication> {
        let (client_id, client_secret) = self.microsoft_client_id.clone().zip(self.microsoft_client_secret.clone())?;
        Some(OwnApplication { client_id, client_secret })
    }

    /// What is configured by half and cannot work, in words for the operator.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        let half = self.microsoft_client_id.is_some() != self.microsoft_client_secret.is_some();
        let warning = "consent to Office 365 is off: microsoft_client_id and microsoft_client_secret are both needed";
        half.then_some(warning).into_iter().collect()
    }

    fn read_catalogue(&self) -> Result<Catalogue> {
        let text = match &self.catalogue {
            Some(file) => {
                fs::read_to_string(file).with_context(|| format!("catalogue: {} cannot be read", file.display()))?
            }
            None => String::new(),
        };
        let file = || self.catalogue.as_deref().unwrap_or(Path::new("(built in)")).display().to_string();
        service::integrations::read_catalogue(&text).with_context(|| format!("catalogue: {}", file()))
    }

    /// What is in force, for the operator to read; without the password of the database.
    pub(crate) fn in_force(&self) -> String {
        let locations: Vec<&str> = self.cloud_locations.iter().map(|location| location.key.as_str()).collect();
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        let path = |value: &Option<PathBuf>| {
            value.as_ref().map_or_else(|| "(none)".to_owned(), |path| path.display().to_string())
        };
        let set_or_not = |set: bool, otherwise: &str| if set { "(set)" } else { otherwise }.to_owned();
        let rows = BTreeMap::from([
            ("listen", self.listen.to_string()),
            ("database_url", without_password(&self.database_url())),
            ("data_folder", self.data_folder.display().to_string()),
            ("max_connections", self.max_connections.to_string()),
            ("public_url", or_none(&self.public_url)),
            ("client_address_header", or_none(&self.client_address_header)),
            ("log", self.log.clone()),
            ("log_format", format!("{:?}", self.log_format).to_lowercase()),
            ("cloud_locations", locations.join(", ")),
            ("encryption_key", set_or_not(self.encryption_key.is_some(), "(in the data folder)")),
            ("catalogue", path(&self.catalogue)),
            ("smtp_url", set_or_not(self.smtp_url.is_some(), "(none)")),
            ("mail_folder", path(&self.mail_folder)),
            ("mail_from", self.mail_from.clone()),
            ("microsoft_login_url", self.microsoft_login_url.clone()),
            ("microsoft_client_id", or_none(&self.microsoft_client_id)),
            ("microsoft_client_secret", set_or_not(self.microsoft_client_secret.is_some(), "(none)")),
        ]);
        let rows: Vec<String> = rows.into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
        rows.join("\n")
    }
}

/// Reads a key of 64 hexadecimal digits.
fn read_key(text: &str) -> Result<[u8; 32]> {
    let wrong =
        || anyhow::anyhow!("encryption_key: 64 hexadecimal digits are needed; `openssl rand -hex 32` makes them");
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut key = [0; 32];
    for (index, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| wrong())?;
    }
    Ok(key)
}

/// The key that is kept in the data folder; drawn when there is none yet.
fn kept_key(folder: &Path) -> Result<[u8; 32]> {
    let file = folder.join("encryption.key");
    match fs::read_to_string(&file) {
        Ok(text) => return read_key(&text).with_context(|| file.display().to_string()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("{} cannot be read", file.display()));
        }
        Err(_) => {}
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let text = Sealer::draw_key()?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&file).with_context(|| format!("{} cannot be made", file.display()))?;
    std::io::Write::write_all(&mut written, text.as_bytes())?;
    written.sync_all()?;
    read_key(&text)
}

/// The key that a variable sets, if it is one of ours.
fn key_of(variable: &str) -> Option<String> {
    if variable == "DATABASE_URL" {
        return Some("database_url".to_owned());
    }
    let ours = variable.starts_with("TENANTRY_") && !NOT_KEYS.contains(&variable);
    ours.then(|| variable.trim_start_matches("TENANTRY_").to_lowercase())
}

/// A variable's text as a value: a number where it is one.
fn value_of(text: String) -> Value {
    text.parse().map_or(Value::String(text), Value::Integer)
}

/// A URL with what stands between user and host left out.
fn without_password(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else { return url.to_owned() };
    let user = before.rsplit_once(':').filter(|(user, _)| user.contains("//")).map_or(before, |(user, _)| user);
    format!("{user}@{host}")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config> {
        Config::parse(text, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = parse(
            "listen = \"127.0.0.1:4000\"\nlog = \"warn\"",
            &[("TENANTRY_LISTEN", "[::1]:5000"), ("TENANTRY_MAX_CONNECTIONS", "4"), ("HOME", "/root")],
        )
        .unwrap();
        assert_eq!(
            (config.listen.to_string().as_str(), config.log.as_str(), config.max_connections),
            ("[::1]:5000", "warn", 4)
        );
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for (text, variables) in [("listen = \"x\"", &[][..]), ("", &[("TENANTRY_LISTEM", "x")][..])] {
            let error = format!("{:#}", parse(text, variables).unwrap_err());
            assert!(error.contains("liste"), "{error}");
        }
        assert!(parse("", &[("TENANTRY_MAX_CONNECTIONS", "0")]).is_err());
        assert!(parse("public_url = \"console.example.com\"", &[]).is_err());
        assert!(parse("cloud_locations = []", &[]).is_err());
    }

    #[test]
    fn no_password_is_shown() {
        let config = parse("", &[("DATABASE_URL", "postgres://tenantry:se@cr:et@db.example/tenantry")]).unwrap();
        assert!(!config.in_force().contains("cr:et"), "{}", config.in_force());
        assert!(config.in_force().contains("db.example"));
    }
}

//! The configuration: a file, and the environment over it.

mod address;

use std::{collections::BTreeMap, env, ffi::OsString, fs, net::SocketAddr, path::Path, path::PathBuf};

use anyhow::{Context, Result, bail};
use domain::integrations::Catalogue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use service::{
    CloudLocation, Sealer, Settings, StoreOptions,
    integrations::microsoft::{MicrosoftSettings, OwnApplication},
};
use toml::{Table, Value};
use tracing_subscriber::EnvFilter;

pub(crate) use self::address::Network;

/// Variables that begin like a key of the configuration and are none.
const NOT_KEYS: [&str; 2] = ["TENANTRY_CONFIG", "TENANTRY_TEST_POSTGRES"];

/// Keys whose values are secret. An error about one names its key and nothing else.
const SECRET_KEYS: [&str; 4] = ["database_url", "encryption_key", "microsoft_client_secret", "smtp_url"];

/// Everything that an operator can set. A key that is not here is refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The address on which the console is served.
    pub(crate) listen: SocketAddr,
    /// The database's URL. Without one it is a `SQLite` file in the data folder.
    pub(crate) database_url: Option<SecretString>,
    /// The folder for what Tenantry keeps.
    pub(crate) data_folder: PathBuf,
    /// The most connections to the database.
    pub(crate) max_connections: u32,
    /// An address of its own for `/metrics`, which is then served nowhere else.
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Where browsers reach the console, such as `https://console.example.com`; once read, an origin as
    /// browsers write it. With `https` the cookies are bound to TLS and browsers are told to use nothing else.
    pub(crate) public_url: Option<String>,
    /// Seconds for which browsers use nothing but TLS, once `public_url` is `https`.
    pub(crate) hsts_max_age: u32,
    /// Whether that holds for the subdomains of the host too.
    pub(crate) hsts_include_subdomains: bool,
    /// The header in which a proxy in front tells the client's address, such as `X-Forwarded-For`.
    pub(crate) client_address_header: Option<String>,
    /// The addresses and networks of proxies whose header is believed; loopback and private ones by default.
    pub(crate) trusted_proxies: Option<Vec<Network>>,
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
            metrics_listen: None,
            public_url: None,
            hsts_max_age: 31_536_000,
            hsts_include_subdomains: false,
            client_address_header: None,
            trusted_proxies: None,
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
        Self::parse(&text, env::vars_os())
    }

    fn parse(text: &str, variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Self> {
        let mut table: Table = text.parse().map_err(|error| syntax_error(text, &error))?;
        for (name, value) in variables {
            let Some(key) = name.to_str().and_then(key_of) else { continue };
            let Some(value) = value.to_str() else { bail!("{} is not UTF-8", name.display()) };
            let value = value_of(&key, value);
            table.insert(key, value);
        }
        for key in SECRET_KEYS {
            if table.get(key).is_some_and(|value| !value.is_str()) {
                bail!("{key}: a text in quotes is needed");
            }
        }
        let mut config: Self = Value::Table(table).try_into().context("the configuration is wrong")?;
        config.public_url = config.public_url.as_deref().map(address::origin).transpose()?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        if self.cloud_locations.is_empty() {
            bail!("cloud_locations: at least one region is needed");
        }
        self.store_options()?;
        self.check_proxies()?;
        if let Some(key) = &self.encryption_key {
            read_key(key.expose_secret())?;
        }
        if self.smtp_url.is_some() && self.mail_folder.is_some() {
            bail!("smtp_url and mail_folder: only one of them can be set");
        }
        if let Some(url) = &self.smtp_url {
            address::read("smtp_url", url.expose_secret(), &["smtp", "smtps"])?;
        }
        let microsoft = address::read("microsoft_login_url", &self.microsoft_login_url, &["https", "http"])?;
        if address::has_credentials(&microsoft) {
            bail!("microsoft_login_url: no user name and no password belong there");
        }
        EnvFilter::try_new(&self.log).with_context(|| format!("log: {}", self.log))?;
        self.read_catalogue()?;
        Ok(())
    }

    fn check_proxies(&self) -> Result<()> {
        let Some(header) = &self.client_address_header else {
            if self.trusted_proxies.is_some() {
                bail!(
                    "trusted_proxies: client_address_header has to say in which header they tell the client's address"
                );
            }
            return Ok(());
        };
        if axum::http::HeaderName::try_from(header).is_err() {
            bail!("client_address_header: {header} is no name of a header");
        }
        if header.eq_ignore_ascii_case("forwarded") {
            bail!("client_address_header: Forwarded cannot be read; let the proxy write X-Forwarded-For");
        }
        Ok(())
    }

    /// How the database is reached.
    pub(crate) fn store_options(&self) -> Result<StoreOptions> {
        let url = match &self.database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!("sqlite://{}", self.database_file().display()),
        };
        if !url.starts_with("sqlite:") {
            address::read("database_url", &url, &["sqlite", "postgres", "postgresql"])?;
        }
        let options: StoreOptions = url.parse().map_err(|error| anyhow::anyhow!("database_url: {error}"))?;
        let options = StoreOptions { max_connections: self.max_connections, ..options };
        options.check().map_err(anyhow::Error::msg)?;
        Ok(options)
    }

    /// The `SQLite` file that is used where no database is named.
    fn database_file(&self) -> PathBuf {
        self.data_folder.join("tenantry.db")
    }

    /// What works, but not as the operator may think.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        let local = self.listen.ip().is_loopback();
        let mut warnings = Vec::new();
        if self.public_url.is_none() {
            warnings.push(
                "public_url is not set: only localhost and IP addresses are answered, and cookies are not bound to TLS",
            );
        }
        let proxied = self.is_secure() || (self.public_url.is_some() && local);
        if proxied && self.client_address_header.is_none() {
            warnings.push(
                "client_address_header is not set: behind a proxy, limits on attempts take all clients for one; name the \
                 header in which the proxy writes the client's address, such as X-Forwarded-For",
            );
        }
        if self.public_url.is_some() && !self.is_secure() {
            warnings.push("public_url is not https://: passwords and cookies cross the network unencrypted");
        }
        if self.microsoft_client_id.is_some() != self.microsoft_client_secret.is_some() {
            warnings
                .push("consent to Office 365 is off: microsoft_client_id and microsoft_client_secret are both needed");
        }
        warnings
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

    /// What is in force, for the operator to read; without any secret.
    pub(crate) fn in_force(&self) -> String {
        let locations: Vec<&str> = self.cloud_locations.iter().map(|location| location.key.as_str()).collect();
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        let path = |value: &Option<PathBuf>| {
            value.as_ref().map_or_else(|| "(none)".to_owned(), |path| path.display().to_string())
        };
        let set_or_not = |set: bool, otherwise: &str| if set { "(set)" } else { otherwise }.to_owned();
        let rows = BTreeMap::from([
            ("listen", self.listen.to_string()),
            ("database_url", self.shown_database()),
            ("data_folder", self.data_folder.display().to_string()),
            ("max_connections", self.max_connections.to_string()),
            ("metrics_listen", self.metrics_listen.map_or_else(|| "(none)".to_owned(), |address| address.to_string())),
            ("public_url", or_none(&self.public_url)),
            ("hsts_max_age", self.hsts_max_age.to_string()),
            ("hsts_include_subdomains", self.hsts_include_subdomains.to_string()),
            ("client_address_header", or_none(&self.client_address_header)),
            ("trusted_proxies", self.shown_proxies()),
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

    fn shown_database(&self) -> String {
        let Some(url) = &self.database_url else { return format!("sqlite://{}", self.database_file().display()) };
        address::shown(url.expose_secret())
    }

    fn shown_proxies(&self) -> String {
        let Some(proxies) = &self.trusted_proxies else { return "(loopback and private networks)".to_owned() };
        let proxies: Vec<String> = proxies.iter().map(ToString::to_string).collect();
        proxies.join(", ")
    }
}

/// Where a file is no TOML, without the text that stands there.
fn syntax_error(text: &str, error: &toml::de::Error) -> anyhow::Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    anyhow::anyhow!("the configuration file is no TOML: line {line}: {}", error.message())
}

/// Reads a key of 64 hexadecimal digits.
fn read_key(text: &str) -> Result<[u8; 32]> {
    let wrong =
        || anyhow::anyhow!("encryption_key: 64 hexadecimal digits are needed; `openssl rand -hex 32` makes them");
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|_| wrong())?;
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

/// A variable's text as a value of the type that its key has; what is of another type is refused later.
fn value_of(key: &str, text: &str) -> Value {
    let value = match key {
        "max_connections" | "hsts_max_age" => text.parse().ok().map(Value::Integer),
        "hsts_include_subdomains" => text.parse().ok().map(Value::Boolean),
        "trusted_proxies" => {
            let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
            Some(Value::Array(entries.map(|entry| Value::String(entry.to_owned())).collect()))
        }
        _ => None,
    };
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Config> {
        Config::parse(text, variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
    }

    /// The error of a configuration, with its causes.
    fn refusal(text: &str, variables: &[(&str, &str)]) -> String {
        format!("{:#}", parse(text, variables).unwrap_err())
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let config = parse(
            "listen = \"127.0.0.1:4000\"\nlog = \"warn\"",
            &[
                ("TENANTRY_LISTEN", "[::1]:5000"),
                ("TENANTRY_MAX_CONNECTIONS", "4"),
                ("TENANTRY_MICROSOFT_CLIENT_ID", "12345"),
                ("TENANTRY_HSTS_INCLUDE_SUBDOMAINS", "true"),
                ("TENANTRY_CLIENT_ADDRESS_HEADER", "X-Real-IP"),
                ("TENANTRY_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
                ("HOME", "/root"),
            ],
        )
        .unwrap();
        assert_eq!(
            (config.listen.to_string().as_str(), config.log.as_str(), config.max_connections),
            ("[::1]:5000", "warn", 4)
        );
        assert_eq!(config.microsoft_client_id.as_deref(), Some("12345"));
        assert!(config.hsts_include_subdomains);
        assert_eq!(config.shown_proxies(), "10.0.0.0/8, ::1/128");
    }

    #[test]
    fn what_is_not_known_or_makes_no_sense_is_refused_by_name() {
        for (text, name) in [
            ("listen = \"x\"", "listen"),
            ("listem = \"127.0.0.1:1\"", "listem"),
            ("max_connections = 0", "max_connections"),
            ("max_connections = 1\ndatabase_url = \"postgres://h/d\"", "max_connections"),
            ("public_url = \"console.example.com\"", "public_url"),
            ("public_url = \"https://console.example.com/tenantry\"", "/tenantry"),
            ("public_url = \"https://a:b@console.example.com\"", "public_url"),
            ("cloud_locations = []", "cloud_locations"),
            ("trusted_proxies = [\"10.0.0.0/8\"]", "client_address_header"),
            ("client_address_header = \"X-Real-IP\"\ntrusted_proxies = [\"proxy\"]", "proxy"),
            ("client_address_header = \"Forwarded\"", "X-Forwarded-For"),
            ("client_address_header = \"a b\"", "client_address_header"),
            ("log = \"info,=,\"", "log"),
        ] {
            let error = refusal(text, &[]);
            assert!(error.contains(name), "{text}: {error}");
        }
        assert!(refusal("", &[("TENANTRY_LISTEM", "x")]).contains("listem"));
        assert!(refusal("", &[("TENANTRY_MAX_CONNECTIONS", "many")]).contains("max_connections"));
    }

    #[test]
    fn the_public_url_is_an_origin_as_browsers_write_it() {
        for (written, origin) in [
            ("https://Console.Example.com:443/", "https://console.example.com"),
            ("http://console.example.com.:80", "http://console.example.com"),
            ("https://console.example.com:8443", "https://console.example.com:8443"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            let config = parse(&format!("public_url = \"{written}\""), &[]).unwrap();
            assert_eq!(config.public_url.as_deref(), Some(origin), "{written}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf8_is_named_if_it_is_ours() {
        use std::os::unix::ffi::OsStringExt;
        let bad = || OsString::from_vec(vec![0xFF, 0xFE]);
        let read = |name: OsString| Config::parse("", [(name, bad())].into_iter());
        assert!(read("LC_NAME".into()).is_ok());
        assert!(read(bad()).is_ok());
        assert!(format!("{:#}", read("TENANTRY_LOG".into()).unwrap_err()).contains("TENANTRY_LOG is not UTF-8"));
    }

    #[test]
    fn no_password_is_shown() {
        for url in [
            "postgres://tenantry:se@SECRET@db.example/tenantry",
            "postgres://tenantry:SECRET@db.example/tenantry?password=SECRET",
            "postgres://db.example/tenantry?user=a&sslkey=SECRET&password=SECRET",
        ] {
            let shown = parse("", &[("DATABASE_URL", url)]).unwrap().in_force();
            assert!(!shown.contains("SECRET"), "{shown}");
            assert!(shown.contains("db.example"), "{shown}");
        }
    }

    #[test]
    fn a_password_that_is_not_encoded_is_refused_and_not_shown() {
        for (url, named) in [
            ("postgres://u:SECRET#b@db.example/d", "%23"),
            ("postgres://u:12#SECRET@db.example/d", "%23"),
            ("postgres://u:SECRET?SECRET@db.example/d", "%3F"),
            ("postgres://u:SECRET/SECRET@db.example/d", "%2F"),
            ("postgres://u:a@SECRET/SECRET@db.example/d", "%2F"),
            ("postgres://db.example:SECRET", "database_url"),
            ("postgres:u:SECRET@db.example/d", "database_url"),
            ("u:SECRET@db.example/d", "database_url"),
            ("mysql://u:SECRET@db.example/d", "database_url"),
            ("postgres://u:SECRET@db.example/d?sslmode=SECRET", "database_url"),
        ] {
            let error = refusal("", &[("DATABASE_URL", url)]);
            assert!(error.contains(named) && !error.contains("SECRET"), "{url}: {error}");
        }
        for text in [
            "smtp_url = \"smtps://u:SEC\"RET@mail.example\"",
            "smtp_url = smtps://u:SECRET@mail.example",
            "smtp_url = \"smtps://u:SECRET@mail.example",
            "smtp_url = \"smtps://u:SECRET#@mail.example\"",
            "smtp_url = \"SECRET\"",
            "smtp_url = [\"SECRET\"]",
            "log = \"info\"\ndatabase_url = 'postgres://u:SECRET'x'@h/d'",
            "encryption_key = { SECRET = 1 }",
            "encryption_key = \"SECRET\"",
        ] {
            let error = refusal(text, &[]);
            assert!(!error.contains("SECRET") && !error.contains("RET@"), "{text}: {error}");
            assert!(["smtp_url", "encryption_key", "line "].iter().any(|place| error.contains(place)), "{error}");
        }
    }

    #[test]
    fn a_setting_that_misleads_is_warned_of() {
        let warnings = |text: &str| parse(text, &[]).unwrap().warnings().join("\n");
        assert!(warnings("").contains("public_url is not set"));
        let https = "public_url = \"https://console.example.com\"";
        assert!(warnings(https).contains("client_address_header is not set"));
        assert_eq!(warnings(&format!("{https}\nclient_address_header = \"X-Forwarded-For\"")), "");
        assert!(warnings("public_url = \"http://console.example.com\"").contains("unencrypted"));
    }
}

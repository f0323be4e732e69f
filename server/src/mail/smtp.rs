//! The operator's mail server. The conversation is held step by step, as lettre's transport does not
//! tell at which step a reply was given, and with it whose fault a refusal is.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::mail::MailFailure;
use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use service::outbox::SendError;
use url::Url;

/// How long each step of the conversation may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long the whole conversation may take; shorter than the lease of a mail.
const TOTAL_TIMEOUT: Duration = Duration::from_mins(1);

/// A mail server, and how it is spoken to.
pub(super) struct SmtpServer {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
}

/// When the conversation is encrypted.
enum Tls {
    Never,
    /// After STARTTLS, where the server offers it.
    Opportunistic(TlsParameters),
    /// After STARTTLS.
    Required(TlsParameters),
    /// From the first byte.
    Implicit(TlsParameters),
}

impl SmtpServer {
    /// Reads a URL such as `smtps://user:password@mail.example.com`, as lettre does: `smtp://` is not
    /// encrypted unless `?tls=required` or `?tls=opportunistic` says so; a path is the name of this host.
    pub(super) fn parse(text: &str) -> Result<Self> {
        // The URL is not part of the error: it holds a password.
        let url = Url::parse(text).context("it is no URL such as smtps://user:password@mail.example.com")?;
        let host = url.host_str().filter(|host| !host.is_empty()).context("it names no host")?.to_owned();
        let parameters = || TlsParameters::new(host.clone()).context("TLS cannot be used");
        let asked = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
        let (tls, port) = match (url.scheme(), asked.as_deref()) {
            ("smtps", _) => (Tls::Implicit(parameters()?), 465),
            ("smtp", None) => (Tls::Never, 25),
            ("smtp", Some("required")) => (Tls::Required(parameters()?), 587),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), 587),
            ("smtp", Some(_)) => bail!("tls is either required or opportunistic"),
            _ => bail!("it begins neither with smtps:// nor with smtp://"),
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decode(url.username())?, decode(password)?)),
            None => None,
        };
        let name = url.path().trim_matches('/');
        let hello = if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) };
        Ok(Self { port: url.port().unwrap_or(port), host, tls, credentials, hello })
    }

    /// Sends `message`. It is sent when the server has answered its end by 250.
    pub(super) async fn send(&self, message: &Message) -> Result<(), SendError> {
        within(self.converse(message)).await
    }

    /// Connects and signs in, and sends nothing.
    pub(super) async fn check(&self) -> Result<(), SendError> {
        within(async {
            let mut connection = self.connect().await?;
            connection.abort().await;
            Ok(())
        })
        .await
    }

    async fn converse(&self, message: &Message) -> Result<(), SendError> {
        let mut connection = self.connect().await?;
        let sent = transfer(&mut connection, message).await;
        // The mail is sent, or is not, whatever becomes of the farewell.
        connection.abort().await;
        sent
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let implicit = match &self.tls {
            Tls::Implicit(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(TIMEOUT), &self.hello, implicit, None);
        let mut connection = connecting.await.map_err(|error| of_server(&error))?;
        if let Some(parameters) = self.start_tls(&connection) {
            connection.starttls(parameters, &self.hello).await.map_err(|error| {
                // A server that does not offer it is refused as one whose certificate is wrong.
                SendError { failure: MailFailure::Tls, ..of_server(&error) }
            })?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let signing_in = connection.auth(&mechanisms, credentials).await;
            signing_in.map_err(|error| match of_server(&error) {
                error if error.failure == MailFailure::MailServer && error.permanent => {
                    SendError { failure: MailFailure::SignIn, ..error }
                }
                error => error,
            })?;
        }
        Ok(connection)
    }

    fn start_tls(&self, connection: &AsyncSmtpConnection) -> Option<TlsParameters> {
        match &self.tls {
            Tls::Required(parameters) => Some(parameters.clone()),
            Tls::Opportunistic(parameters) if connection.can_starttls() => Some(parameters.clone()),
            _ => None,
        }
    }
}

async fn transfer(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), SendError> {
    let envelope = message.envelope();
    let sender = Mail::new(envelope.from().cloned(), Vec::new());
    connection.command(sender).await.map_err(|error| of_sender(&error))?;
    for recipient in envelope.to() {
        connection.command(Rcpt::new(recipient.clone(), Vec::new())).await.map_err(|error| of_recipient(&error))?;
    }
    connection.command(Data).await.map_err(|error| of_recipient(&error))?;
    connection.message(&message.formatted()).await.map_err(|error| of_recipient(&error))?;
    Ok(())
}

async fn within<T>(conversation: impl Future<Output = Result<T, SendError>>) -> Result<T, SendError> {
    tokio::time::timeout(TOTAL_TIMEOUT, conversation).await.unwrap_or_else(|_| {
        let detail = "the mail server does not answer".to_owned();
        Err(SendError { failure: MailFailure::Unreachable, permanent: false, detail })
    })
}

/// An error before anything was said of a mail: the operator's to put right.
fn of_server(error: &Error) -> SendError {
    let failure = match error.status() {
        Some(code) if matches!(u16::from(code), 530 | 534 | 535 | 538) => MailFailure::SignIn,
        Some(_) => MailFailure::MailServer,
        None if error.is_tls() => MailFailure::Tls,
        None if error.is_client() || error.is_response() => MailFailure::MailServer,
        None => MailFailure::Unreachable,
    };
    SendError { failure, permanent: error.is_permanent() || error.is_client(), detail: in_words(error) }
}

/// A reply to MAIL FROM: the operator's to put right, too.
fn of_sender(error: &Error) -> SendError {
    let of_server = of_server(error);
    let refused = of_server.failure == MailFailure::MailServer && error.is_permanent();
    SendError { failure: if refused { MailFailure::Sender } else { of_server.failure }, ..of_server }
}

/// A reply to a recipient or to the message.
fn of_recipient(error: &Error) -> SendError {
    let Some(code) = error.status() else { return of_server(error) };
    let failure = MailFailure::of_reply(code.into(), &words(error));
    SendError { failure, permanent: error.is_permanent(), detail: in_words(error) }
}

/// What the server said, or what went wrong, without lettre's own words for the kind of it.
fn words(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// The reply with its code, each line of it once.
fn in_words(error: &Error) -> String {
    let words = words(error);
    let mut lines: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.dedup();
    let text = lines.join(" ");
    error.status().map_or(text.clone(), |code| format!("{code} {text}"))
}

fn decode(text: &str) -> Result<String> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().context("its user or password is no text")?;
    Ok(decoded.into_owned())
}

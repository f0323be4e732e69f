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

/// How long connecting and signing in may take, and how long handing over a mail; both together are
/// shorter than the lease of a mail.
const TIMEOUT: Duration = Duration::from_secs(45);

/// How long the farewell may take, on which nothing depends.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);

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
        let mut connection = within(self.connect()).await?;
        let sent = within(transfer(&mut connection, message)).await;
        quit(connection).await;
        sent
    }

    /// Connects and signs in, and sends nothing.
    pub(super) async fn check(&self) -> Result<(), SendError> {
        quit(within(self.connect()).await?).await;
        Ok(())
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

async fn quit(mut connection: AsyncSmtpConnection) {
    let _ = tokio::time::timeout(QUIT_TIMEOUT, connection.abort()).await;
}

async fn within<T>(conversation: impl Future<Output = Result<T, SendError>>) -> Result<T, SendError> {
    tokio::time::timeout(TIMEOUT, conversation).await.unwrap_or_else(|_| {
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

/// The reply with its code; lettre has joined its lines and left out what each of them repeats.
fn in_words(error: &Error) -> String {
    let words = words(error);
    match error.status() {
        Some(code) => format!("{code} {words}"),
        None => words,
    }
}

fn decode(text: &str) -> Result<String> {
    let decoded =
        percent_encoding::percent_decode_str(text).decode_utf8().context("its user or password is no text")?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
        task::JoinHandle,
    };

    use super::*;

    /// A mail server that greets with `greeting` and answers a command by the first of `replies` whose
    /// beginning it has, any other by 250; gives its URL without a scheme, and what it was told.
    async fn server(
        greeting: &'static str,
        replies: &'static [(&'static str, &'static str)],
    ) -> (String, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let conversation = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            writer.write_all(format!("{greeting}\r\n").as_bytes()).await.unwrap();
            let (mut told, mut in_message) = (Vec::new(), false);
            while let Ok(Some(line)) = lines.next_line().await {
                let command = if line == "." { "." } else { line.as_str() };
                if in_message && command != "." {
                    continue;
                }
                in_message = command == "DATA";
                told.push(line.split([' ', ':']).next().unwrap_or_default().to_owned());
                let usual = if in_message { "354 go on" } else { "250 ok" };
                let reply = replies.iter().find(|(begins, _)| command.starts_with(begins)).map(|(_, reply)| *reply);
                in_message &= reply.is_none();
                if writer.write_all(format!("{}\r\n", reply.unwrap_or(usual)).as_bytes()).await.is_err() {
                    break;
                }
            }
            told
        });
        (address, conversation)
    }

    fn mail() -> Message {
        let builder = Message::builder().from("console@partner.example".parse().unwrap());
        builder.to("help@example.com".parse().unwrap()).body("Text".to_owned()).unwrap()
    }

    async fn send(greeting: &'static str, replies: &'static [(&'static str, &'static str)]) -> Result<(), SendError> {
        let (address, _) = server(greeting, replies).await;
        SmtpServer::parse(&format!("smtp://user:pa%40ss@{address}")).unwrap().send(&mail()).await
    }

    const HELLO: (&str, &str) = ("EHLO", "250-mail.test\r\n250 AUTH PLAIN LOGIN");

    #[tokio::test]
    async fn a_mail_is_sent_when_its_end_is_answered_by_250() {
        let (address, told) = server("220 mail.test", &[HELLO]).await;
        let server = SmtpServer::parse(&format!("smtp://user:secret@{address}")).unwrap();
        assert_eq!(server.send(&mail()).await, Ok(()));
        assert_eq!(told.await.unwrap(), ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", ".", "QUIT"]);
    }

    #[tokio::test]
    async fn the_step_at_which_a_server_refuses_says_whose_fault_it_is() {
        let expected = |failure, permanent, detail: &str| SendError { failure, permanent, detail: detail.to_owned() };
        let refused = send("554 no service for you", &[]).await.unwrap_err();
        assert_eq!(refused, expected(MailFailure::MailServer, true, "554 no service for you"));
        let refused = send("220 hello", &[HELLO, ("AUTH", "535 5.7.8 wrong password")]).await.unwrap_err();
        assert_eq!(refused, expected(MailFailure::SignIn, true, "535 5.7.8 wrong password"));
        let refused = send("220 hello", &[HELLO, ("AUTH", "454 4.7.0 not now")]).await.unwrap_err();
        assert_eq!(refused, expected(MailFailure::MailServer, false, "454 4.7.0 not now"));
        let refused = send("220 hello", &[HELLO, ("MAIL", "550 5.7.1 sender rejected")]).await.unwrap_err();
        assert_eq!(refused, expected(MailFailure::Sender, true, "550 5.7.1 sender rejected"));
        let refused = send("220 hello", &[HELLO, ("RCPT", "550 5.1.1 no such mailbox")]).await.unwrap_err();
        assert_eq!(refused, expected(MailFailure::Mailbox, true, "550 5.1.1 no such mailbox"));
        let refused = send("220 hello", &[HELLO, ("RCPT", "450 4.2.0 greylisted")]).await.unwrap_err();
        assert_eq!(refused, expected(MailFailure::Busy, false, "450 4.2.0 greylisted"));
        let refused = send("220 hello", &[HELLO, (".", "554 5.7.1 looks like spam")]).await.unwrap_err();
        assert_eq!(refused, expected(MailFailure::Policy, true, "554 5.7.1 looks like spam"));
    }

    #[tokio::test]
    async fn a_reply_of_several_lines_is_quoted_with_its_codes_once() {
        const REPLY: &str = "550-5.1.1 no such mailbox;\r\n550 5.1.1 ask its owner";
        let refused = send("220 hello", &[HELLO, ("RCPT", REPLY)]).await.unwrap_err();
        assert_eq!(refused.detail, "550 5.1.1 no such mailbox; ask its owner");
        assert_eq!(refused.failure, MailFailure::Mailbox);
    }

    #[tokio::test]
    async fn a_server_that_cannot_be_reached_or_trusted_is_the_operators_to_put_right() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let gone = SmtpServer::parse(&format!("smtp://{address}")).unwrap();
        assert_eq!(gone.send(&mail()).await.unwrap_err().failure, MailFailure::Unreachable);
        let (address, _) = server("220 hello", &[]).await;
        let plain = SmtpServer::parse(&format!("smtp://{address}?tls=required")).unwrap();
        assert_eq!(plain.check().await.unwrap_err().failure, MailFailure::Tls);
        let (address, _) = server("220 hello", &[]).await;
        let anonymous = SmtpServer::parse(&format!("smtp://user:secret@{address}")).unwrap();
        assert_eq!(anonymous.check().await.unwrap_err().failure, MailFailure::SignIn, "AUTH is not offered");
    }

    #[test]
    fn a_url_that_cannot_be_used_is_refused_without_its_password() {
        for url in ["mail.example", "http://u:s3cret@mail.example", "smtp://u:s3cret@mail.example?tls=maybe", "smtp:"] {
            let error = format!("{:#}", SmtpServer::parse(url).err().unwrap());
            assert!(!error.contains("s3cret"), "{error}");
        }
        let server = SmtpServer::parse("smtps://mail.example").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("mail.example", 465));
    }
}

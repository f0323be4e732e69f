//! Sending what is in the outbox.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::AddressError,
    message::{Mailbox, header::ContentType},
    transport::smtp,
};
use secrecy::ExposeSecret;
use service::{
    Backend,
    outbox::{self, Mail},
};

use crate::config::Config;

/// How often the outbox is looked into: other processes write into it too.
const EVERY: Duration = Duration::from_secs(2);

/// How long the other side may take for one mail; shorter than a mail is in hand.
const PATIENCE: Duration = Duration::from_mins(1);

/// Mails taken in hand at once: one, so that none is in hand for longer than it takes to send it.
const AT_ONCE: u64 = 1;

/// The way by which mail leaves.
pub(crate) struct Post {
    way: Way,
    from: Mailbox,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
    /// None is configured: mail waits.
    None,
}

/// Why a mail was not sent.
struct Refusal {
    reason: String,
    for_good: bool,
}

impl From<AddressError> for Refusal {
    fn from(error: AddressError) -> Self {
        Self { reason: error.to_string(), for_good: true }
    }
}

impl From<lettre::error::Error> for Refusal {
    fn from(error: lettre::error::Error) -> Self {
        Self { reason: error.to_string(), for_good: true }
    }
}

impl From<smtp::Error> for Refusal {
    fn from(error: smtp::Error) -> Self {
        // A permanent answer (5yz) stays the same however often it is asked for.
        Self { reason: full(&error), for_good: error.is_permanent() }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self { reason: error.to_string(), for_good: false }
    }
}

/// An error with its causes.
fn full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl Post {
    /// The way that is configured.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let from = config.mail_from.parse().with_context(|| format!("mail_from: {}", config.mail_from))?;
        let way = match (&config.smtp_url, &config.mail_folder) {
            (Some(url), _) => {
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret());
                Way::Smtp(builder.context("smtp_url")?.timeout(Some(PATIENCE)).build())
            }
            (None, Some(folder)) => {
                std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
                Way::Folder(folder.clone())
            }
            (None, None) => Way::None,
        };
        Ok(Self { way, from })
    }

    async fn send(&self, mail: &Mail) -> Result<(), Refusal> {
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, mail.recipient.parse()?))
            .subject(&mail.subject)
            // The same however often it is sent, so that mail systems know it again.
            .message_id(Some(format!("<{}.{}@{domain}>", mail.id, mail.created_at)))
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())?;
        match &self.way {
            Way::Smtp(transport) => {
                // The transport's own patience is for each step of the conversation.
                let sending = tokio::time::timeout(PATIENCE, transport.send(message));
                sending.await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
            }
            Way::Folder(folder) => {
                let file = folder.join(format!("{}.eml", mail.id));
                tokio::task::spawn_blocking(move || std::fs::write(file, message.formatted()))
                    .await
                    .map_err(std::io::Error::other)??;
            }
            Way::None => {}
        }
        Ok(())
    }
}

/// Sends what is due, until it is dropped. Without a way for mail, it waits for one to be configured.
pub(crate) async fn send_all(backend: Backend, post: Post) {
    if matches!(post.way, Way::None) {
        tracing::warn!("neither smtp_url nor mail_folder is set: mail waits in the outbox");
        return;
    }
    loop {
        match send_due(&backend, &post).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::warn!(%error, "the outbox could not be read"),
        }
        let _ = tokio::time::timeout(EVERY, backend.mail_waits.notified()).await;
    }
}

/// Sends what is due; how many that were.
async fn send_due(backend: &Backend, post: &Post) -> service::Result<usize> {
    let due = outbox::take(backend, AT_ONCE).await?;
    for mail in &due {
        match post.send(mail).await {
            Ok(()) => outbox::sent(backend, mail.id).await?,
            Err(Refusal { reason, for_good }) => {
                tracing::info!(mail = mail.id, reason, for_good, "a mail was not sent");
                outbox::failed(backend, mail.id, &reason, for_good).await?;
            }
        }
    }
    Ok(due.len())
}

//! Sending what is in the outbox.

mod message;
mod smtp;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use domain::mail::MailFailure;
use lettre::message::Mailbox;
use secrecy::ExposeSecret;
use service::{
    Backend,
    outbox::{self, Mail, SendError},
};

use self::smtp::SmtpServer;
use crate::config::Config;

/// How often the outbox is looked into: other processes write into it too.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Mails taken at once: one, so that none is leased for longer than it takes to send it.
const BATCH: u64 = 1;

/// The way by which mail leaves.
pub(crate) struct Mailer {
    route: Route,
    from: Mailbox,
}

enum Route {
    Smtp(SmtpServer),
    Folder(PathBuf),
    /// None is configured: mail waits.
    None,
}

impl Mailer {
    /// The way that is configured.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let from = config.mail_from.parse().with_context(|| format!("mail_from: {}", config.mail_from))?;
        let route = match (&config.smtp_url, &config.mail_folder) {
            (Some(url), _) => Route::Smtp(SmtpServer::parse(url.expose_secret()).context("smtp_url")?),
            (None, Some(folder)) => {
                std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
                Route::Folder(folder.clone())
            }
            (None, None) => Route::None,
        };
        Ok(Self { route, from })
    }

    /// Connects to the mail server and signs in; in words for the operator. Nothing where there is none.
    pub(crate) async fn check(&self) -> Option<String> {
        let Route::Smtp(server) = &self.route else { return None };
        Some(match server.check().await {
            Ok(()) => "answers".to_owned(),
            Err(error) => format!("{}: {}", in_words(error.failure), error.detail),
        })
    }

    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = message::message(&self.from, mail)?;
        match &self.route {
            Route::Smtp(server) => server.send(&message).await,
            Route::Folder(folder) => {
                let file = folder.join(format!("{}.eml", mail.id));
                let writing = tokio::task::spawn_blocking(move || std::fs::write(file, message.formatted()));
                writing.await.map_err(std::io::Error::other).flatten().map_err(|error| SendError {
                    failure: MailFailure::Unreachable,
                    permanent: false,
                    detail: error.to_string(),
                })
            }
            Route::None => Ok(()),
        }
    }
}

/// Sends what is due, until it is dropped. Without a way for mail, it waits for one to be configured.
pub(crate) async fn send_all(backend: Backend, mailer: Mailer) {
    if matches!(mailer.route, Route::None) {
        tracing::warn!("neither smtp_url nor mail_folder is set: mail waits in the outbox");
        return;
    }
    // Whoever starts the process anew may have put right what kept mail from being sent.
    if let Err(error) = outbox::retry_after_repair(&backend).await {
        tracing::warn!(%error, "mail that waits could not be made due");
    }
    let mut status = Status::default();
    loop {
        match send_due(&backend, &mailer, &mut status).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the outbox could not be read"),
        }
        let _ = tokio::time::timeout(POLL_INTERVAL, backend.store.mail_waits().notified()).await;
    }
}

/// Sends what is due; whether there may be more that can be sent at once.
async fn send_due(backend: &Backend, mailer: &Mailer, status: &mut Status) -> service::Result<bool> {
    let due = outbox::take(backend, BATCH).await?;
    for mail in &due {
        match mailer.send(mail).await {
            Ok(()) => {
                outbox::sent(backend, mail).await?;
                status.works(backend).await?;
            }
            Err(error) => {
                outbox::failed(backend, mail, &error).await?;
                if error.failure.is_operators() {
                    status.fails(&error);
                    return Ok(false);
                }
                tracing::info!(
                    mail = mail.id,
                    reason = error.failure.key(),
                    "a recipient's mail server refused a mail"
                );
            }
        }
    }
    Ok(!due.is_empty())
}

/// Whether the mail server works, as far as is known; logged when it changes.
#[derive(Default)]
struct Status {
    failing: Option<MailFailure>,
}

impl Status {
    fn fails(&mut self, error: &SendError) {
        metrics::gauge!("mail_server_failing").set(1.0);
        if self.failing.replace(error.failure) != Some(error.failure) {
            let reply = domain::foreign_text::one_line(&error.detail, 300);
            tracing::error!(reason = error.failure.key(), reply, "no mail can be sent: {}", in_words(error.failure));
        }
    }

    async fn works(&mut self, backend: &Backend) -> service::Result<()> {
        metrics::gauge!("mail_server_failing").set(0.0);
        if self.failing.take().is_some() {
            tracing::info!("mail can be sent again");
            outbox::retry_after_repair(backend).await?;
        }
        Ok(())
    }
}

/// What is wrong, and what to do, for the operator.
const fn in_words(failure: MailFailure) -> &'static str {
    match failure {
        MailFailure::Unreachable => "the mail server cannot be reached; check smtp_url and the network",
        MailFailure::Tls => "no secure connection to the mail server can be made; check its certificate and smtp_url",
        MailFailure::SignIn => "the mail server refuses the sign-in; check user and password in smtp_url",
        MailFailure::Sender => "the mail server refuses the sender; check mail_from",
        _ => "the mail server takes no mail at the moment; ask whoever runs it",
    }
}

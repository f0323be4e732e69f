//! The command line.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the command line speaks on its terminal")]

use std::{
    io::{IsTerminal, stdin},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::{Context, Result, anyhow};
use clap::{Args, Parser, Subcommand};
use domain::{
    account_number::AccountNumber,
    customer::FieldError,
    email::EmailAddress,
    password::{NewPassword, NewPasswordError},
};
use service::{
    accounts::lifecycle,
    partners::{self, FirstAdmin},
    profile, sessions,
};

use crate::{
    config::Config,
    demo::{self, DemoOptions},
    files, logging,
    mail::Mailer,
    serve,
};

/// Tenantry, the console in which service partners manage the accounts of their customers.
///
/// Configuration comes from a file (--config, or `TENANTRY_CONFIG`) and from the environment, which wins: each
/// key of the file is a variable, such as `TENANTRY_LISTEN` for `listen`. `DATABASE_URL` names the database.
#[derive(Debug, Parser)]
#[command(name = "tenantry", version)]
pub struct Cli {
    /// The configuration file (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database if it needs it, then serve the console until told to stop.
    Serve,
    /// Serve the console with invented data, on this machine only.
    Demo(DemoArguments),
    /// Migrate the database to this release and stop.
    Migrate,
    /// Purge the accounts that were deleted too long ago to be restored, and stop. A server that runs does so by itself.
    Purge,
    /// Read the configuration, say what is in force and whether the mail server answers, and stop.
    CheckConfig,
    /// Manage partners.
    #[command(subcommand)]
    Partner(PartnerCommand),
    /// Help people who cannot sign in, or whose sessions must end.
    #[command(subcommand)]
    Person(PersonCommand),
}

#[derive(Debug, Args)]
struct DemoArguments {
    /// Where to listen; a loopback address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The database of the demo; by default a `SQLite` file of its own in the data folder.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// How many accounts to invent.
    #[arg(long, value_name = "NUMBER", default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    accounts: u32,
    /// How many partners to spread them over; the first two have sign-ins.
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    partners: u32,
    /// How many records of activity to invent beside those of the accounts' stories.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100_000_000))]
    activity: u32,
    /// Make the data anew, even if there is some.
    #[arg(long)]
    fresh: bool,
    /// Make the data and stop.
    #[arg(long)]
    seed_only: bool,
}

#[derive(Debug, Subcommand)]
enum PersonCommand {
    /// Give a person a new password and end their sessions. The password is asked for, or read from standard input.
    ResetPassword {
        /// The person's e-mail address.
        #[arg(long)]
        email: String,
    },
    /// End every session of a person.
    EndSessions {
        /// The person's e-mail address.
        #[arg(long)]
        email: String,
    },
}

#[derive(Debug, Subcommand)]
enum PartnerCommand {
    /// Add a partner with its first admin. The password is asked for, or read from standard input.
    Add {
        /// The partner's name.
        #[arg(long)]
        name: String,
        /// The admin's name.
        #[arg(long)]
        admin_name: String,
        /// The admin's e-mail address.
        #[arg(long)]
        admin_email: String,
    },
    /// Mark the partner's own account, which takes no integrations.
    OwnAccount {
        /// The Account ID.
        #[arg(long)]
        account: String,
    },
}

/// Does what the command line asks for.
///
/// # Errors
/// Whatever keeps it from being done, in words for the operator.
pub fn run(cli: Cli) -> Result<()> {
    files::keep_private();
    let config = Config::load(cli.config.as_deref())?;
    if matches!(cli.command, Command::CheckConfig) {
        return check_config(&config);
    }
    logging::start(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve => serve::serve(config).await,
            Command::Demo(arguments) => demo::run(config, arguments.into()).await,
            Command::Migrate => serve::open(&config).await.map(|_| println!("The database is up to date.")),
            Command::Purge => purge(&config).await,
            Command::CheckConfig => Ok(()),
            Command::Partner(PartnerCommand::Add { name, admin_name, admin_email }) => {
                add_partner(&config, &name, admin_name, &admin_email).await
            }
            Command::Partner(PartnerCommand::OwnAccount { account }) => own_account(&config, &account).await,
            Command::Person(PersonCommand::ResetPassword { email }) => reset_password(&config, &email).await,
            Command::Person(PersonCommand::EndSessions { email }) => end_sessions(&config, &email).await,
        }
    })
}

/// Says what is in force, and whether the mail server takes the sign-in.
fn check_config(config: &Config) -> Result<()> {
    println!("{}", config.in_force());
    config.warnings().iter().for_each(|warning| eprintln!("warning: {warning}"));
    let mailer = Mailer::new(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(answer) = runtime.block_on(mailer.check()) {
        println!("mail server: {answer}");
    }
    Ok(())
}

async fn purge(config: &Config) -> Result<()> {
    let backend = serve::open(config).await?;
    let purged = lifecycle::purge(&backend).await.context("not every account could be purged")?;
    println!("Purged {purged} accounts.");
    Ok(())
}

/// Tells the operator what went wrong.
pub fn report(error: &anyhow::Error) {
    eprintln!("tenantry: {error:#}");
}

impl From<DemoArguments> for DemoOptions {
    fn from(arguments: DemoArguments) -> Self {
        Self {
            listen: arguments.listen,
            database: arguments.database,
            data: service::demo::Demo {
                accounts: arguments.accounts,
                partners: arguments.partners,
                activity: arguments.activity,
            },
            fresh: arguments.fresh,
            seed_only: arguments.seed_only,
        }
    }
}

async fn add_partner(config: &Config, name: &str, admin_name: String, admin_email: &str) -> Result<()> {
    let email = EmailAddress::parse(admin_email).with_context(|| admin_email.to_owned())?;
    let password = read_password("Password of the admin (empty if they have one): ")?;
    let backend = serve::open(config).await?;
    let admin = FirstAdmin { name: admin_name, email, password };
    partners::add(&backend, name, admin).await.map_err(in_words).context("the partner was not added")?;
    println!("Added {name}. {admin_email} can sign in now.");
    Ok(())
}

async fn own_account(config: &Config, account: &str) -> Result<()> {
    let number = AccountNumber::parse(account).with_context(|| account.to_owned())?;
    let backend = serve::open(config).await?;
    partners::mark_own_account(&backend, number).await.context("the account was not marked")?;
    println!("{} is the partner's own account now.", number.grouped());
    Ok(())
}

async fn reset_password(config: &Config, email: &str) -> Result<()> {
    let address = EmailAddress::parse(email).with_context(|| email.to_owned())?;
    let password = read_password("New password: ")?.context("a password is needed")?;
    let backend = serve::open(config).await?;
    let reset = profile::reset_password(&backend, &address, &password).await;
    reset.map_err(in_words).with_context(|| format!("the password of {email} was not changed"))?;
    println!("{email} can sign in with the new password now. Their sessions have ended.");
    Ok(())
}

async fn end_sessions(config: &Config, email: &str) -> Result<()> {
    let address = EmailAddress::parse(email).with_context(|| email.to_owned())?;
    let backend = serve::open(config).await?;
    let ended = sessions::end_all(&backend, &address).await;
    let ended = ended.map_err(in_words).with_context(|| format!("the sessions of {email} were not ended"))?;
    println!("Sessions of {email} that were ended: {ended}.");
    Ok(())
}

/// What the operator can do about an error.
fn in_words(error: service::Error) -> anyhow::Error {
    let refused = |wanted: &FieldError| match &error {
        service::Error::Invalid(fields) => fields.iter().any(|(_, found)| found == wanted),
        _ => false,
    };
    if refused(&FieldError::GuessablePassword) {
        anyhow!("the password is easy to guess; choose one that is neither common nor made of the person's own data")
    } else if refused(&FieldError::ReservedName) {
        anyhow!("the console uses this name for itself; choose another")
    } else if matches!(error, service::Error::NotFound) {
        anyhow!("nobody has this e-mail address")
    } else {
        error.into()
    }
}

/// Reads a password; `None` for an empty one.
fn read_password(prompt: &str) -> Result<Option<NewPassword>> {
    let text = if stdin().is_terminal() {
        rpassword::prompt_password(prompt)?
    } else {
        let mut line = String::new();
        stdin().read_line(&mut line)?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if text.is_empty() {
        return Ok(None);
    }
    NewPassword::parse(&text).map(Some).map_err(|error| match error {
        NewPasswordError::TooShort => anyhow!("a password has at least {} characters", NewPassword::MIN),
        NewPasswordError::TooLong => anyhow!("a password has at most {} bytes", NewPassword::MAX),
    })
}

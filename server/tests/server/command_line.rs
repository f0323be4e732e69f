//! What the operator does by command.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use service::{Backend, Error, Settings, Store, clock::Clock, sessions};

/// Runs a command on the database in `folder`, with a line of input.
fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut process = Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(arguments)
        .env_remove("DATABASE_URL")
        .env("TENANTRY_DATA_FOLDER", folder)
        .env("TENANTRY_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that asks for nothing may have ended already.
    let _ = writeln!(process.stdin.take().unwrap(), "{input}");
    process.wait_with_output().unwrap()
}

async fn open(folder: &Path) -> Backend {
    let url = format!("sqlite://{}/tenantry.db", folder.display());
    let store = Store::connect(&url.parse().unwrap()).await.unwrap();
    Backend::new(store, Clock::default(), Settings::new(&[7; 32]))
}

#[tokio::test]
async fn the_operator_helps_who_has_forgotten_their_password() {
    const EMAIL: &str = "ada@partner.example";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let add = ["partner", "add", "--name", "Partner", "--admin-name", "Ada", "--admin-email", EMAIL];
    let added = run(folder, &add, "a forgotten password");
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let backend = open(folder).await;
    let sign_in = async |password: &str| sessions::sign_in(&backend, EMAIL, password, "192.0.2.1", None).await;
    let token = sign_in("a forgotten password").await.unwrap();

    let weak = run(folder, &["person", "reset-password", "--email", EMAIL], "password1234");
    let said = String::from_utf8(weak.stderr).unwrap();
    assert!(!weak.status.success() && said.contains("easy to guess"), "{said}");
    let unknown = run(folder, &["person", "end-sessions", "--email", "nobody@partner.example"], "");
    let said = String::from_utf8(unknown.stderr).unwrap();
    assert!(!unknown.status.success() && said.contains("nobody has this e-mail address"), "{said}");
    assert!(sessions::find(&backend, &token).await.unwrap().is_some());

    assert!(run(folder, &["person", "reset-password", "--email", EMAIL], "three unrelated words").status.success());
    assert!(sessions::find(&backend, &token).await.unwrap().is_none());
    assert!(matches!(sign_in("a forgotten password").await, Err(Error::Unauthenticated)));
    let token = sign_in("three unrelated words").await.unwrap();
    let ended = run(folder, &["person", "end-sessions", "--email", EMAIL], "");
    let said = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(said, format!("Sessions of {EMAIL} that were ended: 1.\n"));
    assert!(sessions::find(&backend, &token).await.unwrap().is_none());
}

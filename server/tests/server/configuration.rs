//! What the server makes of its configuration and its files, as operators meet it.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command.args(arguments).env("TENANTRY_DATA_FOLDER", folder).env("TENANTRY_LOG", "error");
    command.envs(variables.iter().copied()).output().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_the_server_keeps_is_for_its_own_account_only() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let database = data.join("tenantry.db");
    assert!(run(&data, &["migrate"], &[]).status.success());
    assert_eq!((mode(&data), mode(&database), mode(&data.join("encryption.key"))), (0o700, 0o600, 0o600));
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(run(&data, &["migrate"], &[]).status.success());
    assert_eq!(mode(&database), 0o600, "what an earlier release left open is closed");
}

#[test]
fn the_demos_database_is_not_served_to_others() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run(folder.path(), &["demo", "--seed-only", "--accounts", "10"], &[]).status.success());
    let database = format!("sqlite://{}/demo/tenantry.db", folder.path().display());
    let served = run(folder.path(), &["serve"], &[("DATABASE_URL", &database), ("TENANTRY_LISTEN", "0.0.0.0:0")]);
    let error = String::from_utf8_lossy(&served.stderr).into_owned();
    assert!(!served.status.success() && error.contains("loopback address only"), "{error}");
}

#[test]
fn checking_the_configuration_warns_of_a_proxy_that_is_not_configured() {
    let folder = tempfile::tempdir().unwrap();
    let checked = run(folder.path(), &["check-config"], &[("TENANTRY_PUBLIC_URL", "https://console.example.com/")]);
    assert!(checked.status.success());
    let (shown, warned) = (String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
    assert!(shown.contains("public_url = https://console.example.com\n"), "{shown}");
    assert!(warned.contains("client_address_header is not set"), "{warned}");
}

//! Builds the server again when the browser's files have changed: a release holds them inside.

fn main() {
    println!("cargo::rerun-if-changed=../target/site");
}

//! Putting a file into the site, compressed.
//!
//! One rule makes it safe to interrupt and cheap to repeat: a compressed file is only ever there
//! beside the very content it was made from. It is removed before that content changes, and appears
//! whole, by a rename. So where the content is the same and the compressed file exists, it is right.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::SiteFile;

/// What gains nothing from being compressed again.
const COMPRESSED_ALREADY: &[&str] =
    &["avif", "br", "gif", "gz", "jpeg", "jpg", "png", "webp", "woff", "woff2", "zip", "zst"];

type Compress = fn(&[u8]) -> Result<Vec<u8>>;

/// The encodings, each with the ending that the server looks for.
const ENCODINGS: [(&str, Compress); 2] = [(".br", brotli), (".gz", gzip)];

/// Puts a file and its compressed forms into the site, and returns all their paths.
pub(super) fn file(site: &Path, scratch: &Path, file: &SiteFile) -> Result<Vec<PathBuf>> {
    let path = site.join(&file.path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if !holds(&path, &file.content) {
        for (ending, _) in ENCODINGS {
            remove(&with_ending(&path, ending))?;
        }
        replace(scratch, &path, &file.content)?;
    }

    let mut paths = vec![path.clone()];
    if is_compressible(&path) {
        for (ending, compress) in ENCODINGS {
            let compressed = with_ending(&path, ending);
            if !compressed.exists() {
                replace(scratch, &compressed, &compress(&file.content)?)?;
            }
            paths.push(compressed);
        }
    }
    Ok(paths)
}

/// Gives a file this content, at once: nobody ever sees a part of it.
pub(super) fn replace(scratch: &Path, path: &Path, content: &[u8]) -> Result<()> {
    if holds(path, content) {
        return Ok(());
    }
    let write = || -> Result<()> {
        let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o644)).tempfile_in(scratch)?;
        file.write_all(content)?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn holds(path: &Path, content: &[u8]) -> bool {
    fs::read(path).is_ok_and(|present| present == content)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn is_compressible(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    !COMPRESSED_ALREADY.iter().any(|it| ending == *it)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        // The widest window that every browser accepts.
        lgwin: 24,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use std::io::Read;

    use super::*;

    struct Fixture(tempfile::TempDir);

    impl Fixture {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn publish(&self, name: &str, content: &str) -> Vec<String> {
            let given = SiteFile { path: name.into(), content: content.into() };
            let paths = file(self.0.path(), self.0.path(), &given).unwrap();
            paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
        }
    }

    #[test]
    fn each_compressed_form_holds_the_content() {
        let fixture = Fixture::new();
        let content = "body { color: red }\n".repeat(50);
        assert_eq!(fixture.publish("a.css", &content), ["a.css", "a.css.br", "a.css.gz"]);

        let mut brotli = Vec::new();
        let mut packed = fs::File::open(fixture.path("a.css.br")).unwrap();
        brotli::BrotliDecompress(&mut packed, &mut brotli).unwrap();
        assert_eq!(brotli, content.as_bytes());

        let mut gzip = String::new();
        let packed = fs::File::open(fixture.path("a.css.gz")).unwrap();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut gzip).unwrap();
        assert_eq!(gzip, content);
    }

    #[test]
    fn what_is_compressed_already_is_not_compressed_again() {
        assert_eq!(Fixture::new().publish("a.PNG", "x"), ["a.PNG"]);
    }

    #[test]
    fn an_unchanged_content_is_not_compressed_again() {
        let fixture = Fixture::new();
        fixture.publish("a.css", "one");
        fs::write(fixture.path("a.css.br"), "still there").unwrap();
        fixture.publish("a.css", "one");
        assert_eq!(fs::read(fixture.path("a.css.br")).unwrap(), b"still there");
    }

    #[test]
    fn a_changed_content_is() {
        let fixture = Fixture::new();
        fixture.publish("a.css", "one");
        let before = fs::read(fixture.path("a.css.br")).unwrap();
        fixture.publish("a.css", "two");
        assert_ne!(fs::read(fixture.path("a.css.br")).unwrap(), before);
    }

    #[test]
    fn a_compressed_file_that_an_interruption_left_out_is_made() {
        let fixture = Fixture::new();
        fixture.publish("a.css", "one");
        fs::remove_file(fixture.path("a.css.gz")).unwrap();
        fixture.publish("a.css", "one");
        assert!(fixture.path("a.css.gz").exists());
    }
}

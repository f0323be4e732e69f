//! Passwords: which may be chosen, and their hashes by argon2id with the parameters that OWASP recommends
//! (19 MiB, two passes, one lane), off the threads that serve requests.

use std::{cmp::Reverse, collections::HashSet, sync::LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::{
    customer::FieldError,
    password::{NewPassword, NewPasswordError},
    text::TextError,
};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result};

/// How many passwords are hashed at once: more would use more memory and end no sooner.
static CONCURRENCY: Semaphore = Semaphore::const_new(2);

/// What a password is compared with when there is none, so that this takes just as long.
static NO_PASSWORD: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// The common passwords that are long enough to be chosen, in lower case.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../data/common_passwords.txt").lines().collect());

/// The product's name, which is among the first guesses.
const PRODUCT: &str = "tenantry";

/// The fewest guesses that a password must withstand, as zxcvbn estimates them: what rate limits leave to a
/// guesser in many years.
const MIN_GUESSES: u64 = 100_000_000;

/// The fewest letters and digits of a password beside the person's own words.
const MIN_BESIDE_OWN_WORDS: usize = 6;

/// Parses a password that the person with this address and name is to have.
///
/// # Errors
/// [`Error::Invalid`] under the name `field` when it is too short, too long, or easily guessed.
pub(crate) async fn parse_new(field: &str, text: &str, email: &str, name: &str) -> Result<NewPassword> {
    let password = NewPassword::parse(text).map_err(|error| match error {
        NewPasswordError::TooShort => Error::field(field, FieldError::TooShort { min: NewPassword::MIN }),
        NewPasswordError::TooLong => {
            Error::field(field, FieldError::Text(TextError::TooLong { max: NewPassword::MAX }))
        }
    })?;
    check_strength(field, &password, email, name).await?;
    Ok(password)
}

/// Refuses a password that is common, repetitive, a sequence, or made of the person's own data.
///
/// # Errors
/// [`Error::Invalid`] under the name `field` if it is.
pub(crate) async fn check_strength(field: &str, password: &NewPassword, email: &str, name: &str) -> Result<()> {
    let folded = normalised(password.expose()).to_lowercase();
    let own = own_words(email, name);
    if off_thread(&CONCURRENCY, move || is_guessable(&folded, &own)).await? {
        return Err(Error::field(field, FieldError::GuessablePassword));
    }
    Ok(())
}

/// Whether a password in lower case would be guessed soon by somebody who knows the person's `own` words.
fn is_guessable(password: &str, own: &[String]) -> bool {
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    COMMON.contains(password) || is_made_of(password, &own) || zxcvbn::zxcvbn(password, &own).guesses() < MIN_GUESSES
}

/// Whether a password is little else than some of `words`, the longest of which come first.
fn is_made_of(password: &str, words: &[&str]) -> bool {
    let letters = |text: &str| -> String { text.chars().filter(|character| character.is_alphanumeric()).collect() };
    let whole = letters(password);
    let rest = words.iter().fold(whole.clone(), |rest, word| rest.replace(&letters(word), ""));
    rest != whole && rest.chars().count() < MIN_BESIDE_OWN_WORDS
}

/// What an attacker tries first: the person's address and name, whole and in parts, and the product's name.
fn own_words(email: &str, name: &str) -> Vec<String> {
    let (email, name) = (email.to_lowercase(), normalised(name).to_lowercase());
    let parts = |text: &str| -> Vec<String> {
        text.split(|character: char| !character.is_alphanumeric()).map(str::to_owned).collect()
    };
    let mut words: Vec<String> = [parts(&email), parts(&name)].concat();
    words.push(words.concat());
    words.extend([parts(&name).concat(), email, name, PRODUCT.to_owned()]);
    words.retain(|word| word.chars().count() > 2);
    words.sort_by_key(|word| Reverse(word.chars().count()));
    words
}

/// The one form of a text that may be typed in several (Unicode Standard Annex 15, NFC).
fn normalised(text: &str) -> String {
    text.nfc().collect()
}

/// Hashes `password` for storing.
pub(crate) async fn hash(password: &str) -> Result<String> {
    let password = normalised(password);
    off_thread(&CONCURRENCY, move || hash_now(&password)).await?
}

/// Whether `password` is that of `hash`. Without a hash the answer is no, after the same time.
pub(crate) async fn verify(password: &str, hash: Option<String>) -> Result<bool> {
    let forms = forms(password);
    off_thread(&CONCURRENCY, move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NO_PASSWORD.clone());
        let is_of_hash = |hash: &PasswordHash| {
            forms.iter().any(|form| Argon2::default().verify_password(form.as_bytes(), hash).is_ok())
        };
        let matches = PasswordHash::new(&hash).is_ok_and(|hash| is_of_hash(&hash));
        matches && known
    })
    .await
}

/// The forms in which a password may have been hashed: normalised, or, before passwords were, as one
/// keyboard or the other writes it.
fn forms(password: &str) -> Vec<String> {
    let mut forms = vec![normalised(password)];
    for form in [password.to_owned(), password.nfd().collect()] {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

fn hash_now(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Error::Internal(format!("a password cannot be hashed: {error}")))
}

/// Runs `work` on a thread of its own. It holds its permit until it has ended, whoever has stopped waiting.
async fn off_thread<T: Send + 'static>(
    permits: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let permit = permits.acquire().await;
    let working = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    working.await.map_err(|error| Error::Internal(format!("hashing stopped: {error}")))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use std::sync::mpsc;

    use futures_util::FutureExt;

    use super::*;

    fn is_refused(password: &str) -> bool {
        is_guessable(&password.to_lowercase(), &own_words("lucia.neri@northwind.example", "Lucia Neri"))
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for password in [
            "123456789012",
            "            ",
            "aaaaaaaaaaaa",
            "AAAAaaaaAAAAaaaa",
            "abcabcabcabc",
            "abcdefghijkl",
            "qwertyuiop[]",
            "1qaz2wsx3edc",
            "password1234",
            "P@ssw0rd1234",
            "Unbelievable",
            "motherfucker",
            "lucia.neri@northwind.example",
            "LUCIA.NERI@northwind.example",
            "lucianeri2026",
            "Neri Lucia 1",
            "northwind2026",
            "TenantryTenantry",
            "Tenantry2026!",
        ] {
            assert!(is_refused(password), "{password}");
        }
    }

    #[test]
    fn a_few_unrelated_words_are_accepted_in_any_script() {
        for password in [
            "correct horse battery staple",
            "a new long password",
            "an operator's password",
            "long enough to do",
            "caffè lungo al banco",
            "зелёный чайник поёт",
            "v8#kQz!m2Wp0",
        ] {
            assert!(!is_refused(password), "{password}");
        }
    }

    #[test]
    fn a_common_password_of_the_list_is_long_enough_to_be_chosen() {
        let min = usize::from(NewPassword::MIN);
        assert!(COMMON.iter().all(|password| password.chars().count() >= min && *password == password.to_lowercase()));
        assert!(COMMON.len() >= 3000, "{}", COMMON.len());
    }

    #[tokio::test]
    async fn a_password_is_the_same_in_either_form_of_its_accents() {
        let (composed, decomposed) = ("caffè lungo però", "caffe\u{300} lungo pero\u{300}");
        let hash = hash(decomposed).await.unwrap();
        assert!(verify(composed, Some(hash.clone())).await.unwrap());
        assert!(verify(decomposed, Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_a_password_that_was_not_normalised_goes_on_working() {
        let (composed, decomposed) = ("caffè lungo però", "caffe\u{300} lungo pero\u{300}");
        let older = hash_now(decomposed).unwrap();
        assert!(verify(composed, Some(older.clone())).await.unwrap());
        assert!(verify(decomposed, Some(older.clone())).await.unwrap());
        assert!(!verify("caffe lungo pero", Some(older)).await.unwrap());
    }

    #[tokio::test]
    async fn a_permit_is_held_until_the_work_has_ended_though_nobody_waits_for_it() {
        static PERMITS: Semaphore = Semaphore::const_new(1);
        let (end, ended) = mpsc::channel::<()>();
        // Polls once, then drops the future.
        assert!(off_thread(&PERMITS, move || ended.recv().is_ok()).now_or_never().is_none());
        assert_eq!(PERMITS.available_permits(), 0);
        end.send(()).unwrap();
        let _permit = PERMITS.acquire().await.unwrap();
    }
}

//! Reading the form of an app registration.

use domain::customer::{FieldCheck, FieldError, FieldErrors, required_line};
use domain::view::integrations::AppRegistration;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::RegistrationForm;

/// The secret that a form leaves in force.
#[derive(Debug)]
pub(super) enum Secret {
    /// The one that was typed.
    Typed(SecretString),
    /// The one that is stored.
    Stored,
}

/// Reads the form; `has_stored` says whether there is a secret that an empty field can keep.
pub(super) fn read(form: &RegistrationForm<'_>, has_stored: bool) -> Result<(AppRegistration, Secret), FieldErrors> {
    let mut check = FieldCheck::default();
    let typed = form.registration;
    let name = check.take("name", required_line(&typed.name, 120));
    let tenant_id = check.take("tenant_id", tenant(&typed.tenant_id));
    let client_id = check.take("client_id", guid(&typed.client_id));
    let secret = secret(form.client_secret.expose_secret().trim(), form.new_secret, has_stored);
    let secret = check.take("client_secret", secret);
    let errors = check.into_errors();
    match (name, tenant_id, client_id, secret) {
        (Some(name), Some(tenant_id), Some(client_id), Some(secret)) => {
            Ok((AppRegistration { name, tenant_id, client_id }, secret))
        }
        _ if !form.client_secret.expose_secret().is_empty() && !names(&errors, "client_secret") => {
            Err(with_secret_again(errors))
        }
        _ => Err(errors),
    }
}

/// Adds that a secret, which is never shown, has to be typed again beside what else is put right.
pub(super) fn with_secret_again(mut errors: FieldErrors) -> FieldErrors {
    errors.push(("client_secret".to_owned(), FieldError::SecretAgain));
    errors
}

fn names(errors: &FieldErrors, field: &str) -> bool {
    errors.iter().any(|(name, _)| name == field)
}

fn secret(typed: &str, new_secret: bool, has_stored: bool) -> Result<Secret, FieldError> {
    match (typed, new_secret, has_stored) {
        ("", true, _) => Err(FieldError::SecretAgain),
        ("", false, true) => Ok(Secret::Stored),
        ("", false, false) => Err(FieldError::Required),
        // Microsoft lists each secret with an ID beside its value; no value is a GUID.
        _ if Uuid::try_parse(typed).is_ok() => Err(FieldError::SecretId),
        _ => required_line(typed, 512).map(|typed| Secret::Typed(typed.into())),
    }
}

/// Reads a GUID in any of its notations; gives it as Microsoft writes it.
pub(super) fn guid(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldError::Required);
    }
    let guid = Uuid::try_parse(text).map_err(|_| FieldError::Guid)?;
    Ok(guid.hyphenated().to_string())
}

/// Reads what names a directory (tenant): its GUID, or one of its domains.
fn tenant(text: &str) -> Result<String, FieldError> {
    match guid(text) {
        Err(FieldError::Guid) => domain_name(text.trim()).ok_or(FieldError::TenantId),
        read => read,
    }
}

/// A domain name of at least two labels, in lower case (RFC 1123).
fn domain_name(text: &str) -> Option<String> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let (_, top) = text.rsplit_once('.')?;
    let is_domain =
        text.len() <= 253 && text.split('.').all(is_label) && top.bytes().any(|byte| !byte.is_ascii_digit());
    is_domain.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    #[test]
    fn a_tenant_is_a_guid_in_any_notation_or_a_domain() {
        for typed in [
            " 72F988BF-86f1-41af-91ab-2d7cd011db47 ",
            "{72F988BF-86F1-41AF-91AB-2D7CD011DB47}",
            "72f988bf86f141af91ab2d7cd011db47",
        ] {
            assert_eq!(tenant(typed), Ok(GUID.to_owned()), "{typed}");
        }
        assert_eq!(tenant(" Contoso.OnMicrosoft.com "), Ok("contoso.onmicrosoft.com".to_owned()));
        assert_eq!(tenant("xn--mller-kva.de"), Ok("xn--mller-kva.de".to_owned()));
        assert_eq!(tenant(" "), Err(FieldError::Required));
        for wrong in [
            "72f988bg-86f1-41af-91ab-2d7cd011db47",
            "organizations",
            "contoso.onmicrosoft.com/x",
            "a@contoso.onmicrosoft.com",
            "https://contoso.com",
            "..",
            "-a.com",
            "10.0.0.1",
            "contoso.com.",
        ] {
            assert_eq!(tenant(wrong), Err(FieldError::TenantId), "{wrong}");
        }
    }

    #[test]
    fn an_application_is_named_by_its_guid_alone() {
        assert_eq!(guid("{72F988BF-86F1-41AF-91AB-2D7CD011DB47}"), Ok(GUID.to_owned()));
        assert_eq!(guid("contoso.onmicrosoft.com"), Err(FieldError::Guid));
    }

    #[test]
    fn the_id_of_a_secret_is_no_secret() {
        assert_eq!(secret("B2E7D6C4-91f0-4a35-9d8e-57c3a1f2460b", false, true).err(), Some(FieldError::SecretId));
        assert!(matches!(secret("abc8Q~x", false, false), Ok(Secret::Typed(_))));
    }

    #[test]
    fn the_stored_secret_is_kept_only_where_no_other_was_meant() {
        assert!(matches!(secret("", false, true), Ok(Secret::Stored)));
        assert_eq!(secret("", true, true).err(), Some(FieldError::SecretAgain));
        assert_eq!(secret("", false, false).err(), Some(FieldError::Required));
    }
}

//! What a refusal of the Microsoft identity platform is about.

/// A refusal for which there are words that say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MicrosoftRefusal {
    /// There is no such directory (tenant).
    UnknownTenant,
    /// The directory has no such application.
    UnknownApplication,
    /// It is not a secret of the application.
    WrongSecret,
    /// The secret has expired.
    ExpiredSecret,
}

impl MicrosoftRefusal {
    /// The refusal that `reason` begins with, by its code (Microsoft Entra authentication error codes).
    #[must_use]
    pub fn of(reason: &str) -> Option<Self> {
        let code = reason.strip_prefix("AADSTS")?;
        let end = code.find(|character: char| !character.is_ascii_digit()).unwrap_or(code.len());
        match &code[..end] {
            "90002" | "900021" | "900023" => Some(Self::UnknownTenant),
            "700016" | "7000112" => Some(Self::UnknownApplication),
            "7000215" => Some(Self::WrongSecret),
            "7000222" => Some(Self::ExpiredSecret),
            _ => None,
        }
    }

    /// The field of a registration that has to be put right.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::UnknownTenant => "tenant_id",
            Self::UnknownApplication => "client_id",
            Self::WrongSecret | Self::ExpiredSecret => "client_secret",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_belongs_to_the_field_that_is_wrong() {
        let field = |reason| MicrosoftRefusal::of(reason).map(MicrosoftRefusal::field);
        assert_eq!(field("AADSTS90002: Tenant 'x' not found."), Some("tenant_id"));
        assert_eq!(field("AADSTS700016: Application not found in the directory."), Some("client_id"));
        assert_eq!(field("AADSTS7000215: Invalid client secret provided."), Some("client_secret"));
        assert_eq!(field("AADSTS7000222"), Some("client_secret"));
        for other in ["AADSTS7000: something else", "AADSTS", "invalid_client", "", "AADSTSé"] {
            assert_eq!(field(other), None, "{other}");
        }
    }
}

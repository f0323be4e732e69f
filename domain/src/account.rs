//! What an account is: its status, and the choices of its fields.

use crate::choices::choices;

choices! {
    /// Whether an account is in use.
    AccountStatus {
        /// In use.
        Active = "active",
        /// Its people cannot sign in; everything is kept.
        Deactivated = "deactivated",
        /// Gone from the list; can be restored until it is purged.
        Deleted = "deleted",
    }
}

choices! {
    /// The customer's line of business; for statistics only, nothing depends on it.
    BusinessType {
        /// Agriculture.
        Agriculture = "agriculture",
        /// Construction.
        Construction = "construction",
        /// Education.
        Education = "education",
        /// Energy and utilities.
        Energy = "energy",
        /// Finance and insurance.
        Finance = "finance",
        /// Government.
        Government = "government",
        /// Healthcare.
        Healthcare = "healthcare",
        /// Hospitality.
        Hospitality = "hospitality",
        /// Legal.
        Legal = "legal",
        /// Manufacturing.
        Manufacturing = "manufacturing",
        /// Media.
        Media = "media",
        /// Non-profit.
        NonProfit = "non_profit",
        /// Professional services.
        ProfessionalServices = "professional_services",
        /// Real estate.
        RealEstate = "real_estate",
        /// Retail.
        Retail = "retail",
        /// Technology.
        Technology = "technology",
        /// Telecommunications.
        Telecommunications = "telecommunications",
        /// Transport and logistics.
        Transport = "transport",
        /// None of the others.
        Other = "other",
    }
}

choices! {
    /// The telephone system that a gateway reports. The names are trademarks and not translated.
    PbxType {
        /// `MiVoice` Business.
        MiVoiceBusiness = "MiVoice Business",
        /// `MiVoice` Office 250.
        MiVoiceOffice250 = "MiVoice Office 250",
        /// `MiVoice` Office 400.
        MiVoiceOffice400 = "MiVoice Office 400",
        /// `MiVoice` 5000.
        MiVoice5000 = "MiVoice 5000",
        /// MX-ONE.
        MxOne = "MX-ONE",
    }
}

/// Days for which a deleted account can be restored.
pub const RESTORABLE_DAYS: i64 = 30;

/// Until when an account that was deleted at `deleted` can be restored.
#[must_use]
pub const fn restorable_until(deleted: crate::time::Timestamp) -> crate::time::Timestamp {
    deleted.plus_seconds(RESTORABLE_DAYS * 24 * 3600)
}

//! Every string that a person sees, in each language: a method for each key of `locales/*.toml`.

use domain::{
    account::{AccountStatus, BusinessType},
    country::SubdivisionKind,
    customer::{CustomerField, FieldError},
    locale::Locale,
    rights::Reason,
    role::Role,
    text::TextError,
};

use crate::error::WireError;

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording(pub Locale);

include!(concat!(env!("OUT_DIR"), "/wording.rs"));

impl Wording {
    /// The words of the page: on the server those of the request, in the browser those of the
    /// language that the document says it is in.
    #[must_use]
    pub fn current() -> Self {
        #[cfg(feature = "ssr")]
        let locale = crate::request::current().locale;
        #[cfg(not(feature = "ssr"))]
        let locale = leptos::prelude::document()
            .document_element()
            .and_then(|root| Locale::from_tag(&root.get_attribute("lang")?))
            .unwrap_or_default();
        Self(locale)
    }

    /// A role's name.
    #[must_use]
    pub fn role(self, role: Role) -> &'static str {
        match role {
            Role::PartnerAdmin => self.role_partner_admin(),
            Role::AccountManager => self.role_account_manager(),
            Role::AccountAdmin => self.role_account_admin(),
            Role::User => self.role_user(),
        }
    }

    /// An account's status.
    #[must_use]
    pub fn account_status(self, status: AccountStatus) -> &'static str {
        match status {
            AccountStatus::Active => self.active(),
            AccountStatus::Deactivated => self.deactivated(),
            AccountStatus::Deleted => self.deleted(),
        }
    }

    /// What a country calls its subdivisions; the general name where it lists none.
    #[must_use]
    pub fn subdivision_kind(self, kind: Option<SubdivisionKind>) -> &'static str {
        match kind {
            None => self.subdivision(),
            Some(SubdivisionKind::Area) => self.subdivision_area(),
            Some(SubdivisionKind::County) => self.subdivision_county(),
            Some(SubdivisionKind::Department) => self.subdivision_department(),
            Some(SubdivisionKind::District) => self.subdivision_district(),
            Some(SubdivisionKind::DoSi) => self.subdivision_do_si(),
            Some(SubdivisionKind::Emirate) => self.subdivision_emirate(),
            Some(SubdivisionKind::Island) => self.subdivision_island(),
            Some(SubdivisionKind::Oblast) => self.subdivision_oblast(),
            Some(SubdivisionKind::Parish) => self.subdivision_parish(),
            Some(SubdivisionKind::Prefecture) => self.subdivision_prefecture(),
            Some(SubdivisionKind::Province) => self.subdivision_province(),
            Some(SubdivisionKind::State) => self.subdivision_state(),
        }
    }

    /// The label of a field of customer information.
    #[must_use]
    pub fn customer_field(self, field: CustomerField) -> &'static str {
        match field {
            CustomerField::Name => self.customer_name(),
            CustomerField::Country => self.country(),
            CustomerField::Subdivision => self.subdivision(),
            CustomerField::Address1 => self.address(),
            CustomerField::Address2 => self.address_line2(),
            CustomerField::City => self.city(),
            CustomerField::PostalCode => self.postal_code(),
            CustomerField::Language => self.default_language(),
            CustomerField::BusinessType => self.business_type(),
        }
    }

    /// A business type.
    #[must_use]
    pub fn business(self, kind: BusinessType) -> &'static str {
        match kind {
            BusinessType::Agriculture => self.business_agriculture(),
            BusinessType::Construction => self.business_construction(),
            BusinessType::Education => self.business_education(),
            BusinessType::Energy => self.business_energy(),
            BusinessType::Finance => self.business_finance(),
            BusinessType::Government => self.business_government(),
            BusinessType::Healthcare => self.business_healthcare(),
            BusinessType::Hospitality => self.business_hospitality(),
            BusinessType::Legal => self.business_legal(),
            BusinessType::Manufacturing => self.business_manufacturing(),
            BusinessType::Media => self.business_media(),
            BusinessType::NonProfit => self.business_non_profit(),
            BusinessType::ProfessionalServices => self.business_professional_services(),
            BusinessType::RealEstate => self.business_real_estate(),
            BusinessType::Retail => self.business_retail(),
            BusinessType::Technology => self.business_technology(),
            BusinessType::Telecommunications => self.business_telecommunications(),
            BusinessType::Transport => self.business_transport(),
            BusinessType::Other => self.business_other(),
        }
    }

    /// What is wrong with a field, and what to do.
    #[must_use]
    pub fn field_error(self, error: &FieldError) -> String {
        match error {
            FieldError::Required => self.error_required().to_owned(),
            FieldError::Text(TextError::TooLong { max }) => self.error_too_long(&max.to_string()),
            FieldError::Text(TextError::Control) => self.error_control().to_owned(),
            FieldError::UnknownChoice => self.error_unknown_choice().to_owned(),
            FieldError::PostalFormat { example: Some(example) } => self.error_postal_format(example),
            FieldError::PostalFormat { example: None } => self.error_postal_format_plain().to_owned(),
            FieldError::PostalNotUsed => self.error_postal_not_used().to_owned(),
            FieldError::Email => self.error_email().to_owned(),
            FieldError::TooShort { min } => self.error_too_short(&min.to_string()),
            FieldError::WrongPassword => self.error_wrong_password().to_owned(),
        }
    }

    /// Why a control is disabled.
    #[must_use]
    pub fn reason(self, reason: Reason) -> &'static str {
        match reason {
            Reason::PartnerAdminOnly => self.read_only_reason_partner_admin(),
            Reason::AccountDeleted => self.read_only_reason_deleted(),
        }
    }

    /// What went wrong with a request, and what to do.
    #[must_use]
    pub fn wire_error(self, error: &WireError) -> String {
        match error {
            WireError::Unauthenticated => self.error_unauthenticated().to_owned(),
            WireError::NotFound => self.error_not_found().to_owned(),
            WireError::Forbidden(reason) => self.reason(*reason).to_owned(),
            WireError::Conflict(conflict) => self.conflict_title(conflict.fields.len() as u64),
            WireError::Invalid { fields } if fields.is_empty() => self.error_form().to_owned(),
            WireError::Invalid { fields } => self.fields_invalid(fields.len() as u64),
            WireError::RateLimited { retry_after } => self.sign_in_limited(minutes(*retry_after)),
            WireError::Internal { reference } => self.error_internal(reference),
            WireError::Unreachable => self.error_unreachable().to_owned(),
        }
    }
}

/// Seconds as whole minutes, at least one.
fn minutes(seconds: i64) -> u64 {
    u64::try_from(seconds.max(1)).unwrap_or(1).div_ceil(60)
}

//! Every string that a person sees, in each language: a method for each key of `locales/*.toml`.

use domain::{
    account::{AccountStatus, BusinessType},
    country::SubdivisionKind,
    customer::{CustomerField, FieldError},
    integrations::{MicrosoftRefusal, Privilege, State},
    locale::Locale,
    mail::MailFailure,
    order::{SubscriptionStatus, Term},
    order_file::{FileFault, LegacyEncoding, OrderColumn},
    rights::Reason,
    role::Role,
    text::{Difference, TextError},
    time::Timestamp,
};

use crate::error::WireError;

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording(pub Locale);

include!(concat!(env!("OUT_DIR"), "/wording.rs"));

impl Wording {
    /// The words of the page: on the server in the language of the request, in the browser in that of the session.
    #[must_use]
    pub fn current() -> Self {
        #[cfg(feature = "ssr")]
        let locale = crate::request::current().locale;
        #[cfg(not(feature = "ssr"))]
        let locale = crate::session::Session::current().locale_untracked();
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
            FieldError::ForeignSubdivision => self.error_foreign_subdivision().to_owned(),
            FieldError::Email => self.error_email().to_owned(),
            FieldError::EmailSpace => self.error_email_space().to_owned(),
            FieldError::EmailCharacter { character } => self.error_email_character(&character.to_string()),
            FieldError::EmailDomain => self.error_email_domain().to_owned(),
            FieldError::TooShort { min } => self.error_too_short(&min.to_string()),
            FieldError::WrongPassword => self.error_wrong_password().to_owned(),
            FieldError::GuessablePassword => self.error_guessable_password().to_owned(),
            FieldError::ReservedName => self.error_reserved_name().to_owned(),
            FieldError::NobodyFound => self.error_nobody_found().to_owned(),
            FieldError::SeveralPeople => self.error_several_people().to_owned(),
            FieldError::Duplicate => self.error_duplicate().to_owned(),
            FieldError::LastContact => self.last_contact_reason().to_owned(),
            FieldError::TooMany { max } => self.error_too_many(&max.to_string()),
            FieldError::Guid => self.error_guid().to_owned(),
            FieldError::TenantId => self.error_tenant_id().to_owned(),
            FieldError::SecretId => self.error_secret_id().to_owned(),
            FieldError::SecretAgain => self.error_secret_again().to_owned(),
            FieldError::Refused { reason } => self.microsoft_refusal(reason),
            FieldError::Unreachable => self.error_microsoft_unreachable().to_owned(),
            FieldError::Date => self.error_date().to_owned(),
            FieldError::EndBeforeStart => self.error_end_before_start().to_owned(),
            FieldError::Quantity { max: 0 } => self.error_nothing_left().to_owned(),
            FieldError::Quantity { max } => self.error_quantity(&max.to_string()),
            FieldError::TrackingNumber => self.error_tracking_number().to_owned(),
            FieldError::UnknownProduct => self.error_unknown_product().to_owned(),
            FieldError::UnknownAccount => self.error_unknown_account().to_owned(),
            FieldError::SeveralAccounts => self.error_several_accounts().to_owned(),
            FieldError::OrderExists => self.error_order_exists().to_owned(),
            FieldError::SameAsLine { line } => self.error_same_as_line(&line.to_string()),
            FieldError::SurplusCells { columns } => self.error_surplus_cells(&columns.to_string()),
            FieldError::LostCharacter => self.error_lost_character().to_owned(),
            FieldError::NothingToImport => self.import_nothing().to_owned(),
            FieldError::File(fault) => self.file_fault(fault),
            FieldError::OtherName { difference } => self.difference(difference),
        }
    }

    /// What is wrong with a field of customer information or of a new account, and what to do.
    #[must_use]
    pub fn customer_error(self, field: &str, error: &FieldError) -> String {
        let required = match field {
            "name" => self.error_required_customer_name(),
            "country" => self.error_required_country(),
            "language" => self.error_required_language(),
            "cloud_location" => self.error_required_cloud_location(),
            "support_contact" => self.error_required_support_contact(),
            _ => return self.field_error(error),
        };
        if *error == FieldError::Required { required.to_owned() } else { self.field_error(error) }
    }

    /// Where a name that was typed differs from the one expected.
    fn difference(self, difference: &Difference) -> String {
        let Difference { after, expected, typed } = difference;
        match (expected.as_deref(), typed.as_deref()) {
            (Some(expected), Some(typed)) if after.is_empty() => {
                self.error_name_begins(&with_code(expected), &with_code(typed))
            }
            (Some(expected), Some(typed)) => self.error_name_differs(after, &with_code(expected), &with_code(typed)),
            (Some(expected), None) => self.error_name_ends_early(after, expected),
            (None, typed) => self.error_name_goes_on(after, typed.unwrap_or_default()),
        }
    }

    /// The fields that were emptied because they belonged to another country.
    #[must_use]
    pub fn emptied_fields(self, fields: &[CustomerField]) -> String {
        if fields.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = fields.iter().map(|field| self.customer_field(*field)).collect();
        self.country_emptied(&names.join(", "))
    }

    /// What Microsoft refused, and what to do.
    fn microsoft_refusal(self, reason: &str) -> String {
        match MicrosoftRefusal::of(reason) {
            Some(MicrosoftRefusal::UnknownTenant) => self.error_unknown_tenant(reason),
            Some(MicrosoftRefusal::UnknownApplication) => self.error_unknown_application(reason),
            Some(MicrosoftRefusal::WrongSecret) => self.error_wrong_secret(reason),
            Some(MicrosoftRefusal::ExpiredSecret) => self.error_expired_secret(reason),
            None => self.error_refused(reason),
        }
    }

    /// Why an integration does not work.
    #[must_use]
    pub fn failure_reason(self, reason: &str) -> &str {
        if reason == domain::integrations::SECRET_UNREADABLE {
            return self.failure_secret_unreadable();
        }
        reason
    }

    /// Why a mail was not sent.
    #[must_use]
    pub fn mail_failure(self, failure: MailFailure) -> &'static str {
        match failure {
            MailFailure::Address => self.mail_failure_address(),
            MailFailure::Domain => self.mail_failure_domain(),
            MailFailure::Mailbox => self.mail_failure_mailbox(),
            MailFailure::MailboxFull => self.mail_failure_mailbox_full(),
            MailFailure::TooLarge => self.mail_failure_too_large(),
            MailFailure::Policy => self.mail_failure_policy(),
            MailFailure::Busy => self.mail_failure_busy(),
            MailFailure::Refused => self.mail_failure_refused(),
            MailFailure::Unreachable
            | MailFailure::Tls
            | MailFailure::SignIn
            | MailFailure::MailServer
            | MailFailure::Sender => self.mail_failure_operators(),
        }
    }

    /// Why a file of orders cannot be read, and what to do.
    #[must_use]
    pub fn file_fault(self, fault: &FileFault) -> String {
        match fault {
            FileFault::Missing => self.file_missing().to_owned(),
            FileFault::FileAndText => self.file_and_text().to_owned(),
            FileFault::NoRows => self.file_no_rows().to_owned(),
            FileFault::Workbook => self.file_workbook().to_owned(),
            FileFault::Utf16 => self.file_utf16().to_owned(),
            FileFault::Binary => self.file_binary().to_owned(),
            FileFault::TooLarge { bytes, max } => self.file_too_large(&mebibytes(*max), &mebibytes(*bytes)),
            FileFault::TooManyRows { rows, max } => self.file_too_many_rows(&max.to_string(), &rows.to_string()),
            FileFault::OpenQuote { line } => self.file_open_quote(&line.to_string()),
            FileFault::MissingColumns { columns, line } => {
                let names: Vec<&str> = columns.iter().map(|column| self.order_column(*column)).collect();
                self.file_missing_columns(&line.to_string(), &names.join(", "))
            }
            FileFault::RepeatedColumns { names } => self.file_repeated_columns(&names.join(", ")),
        }
    }

    /// The name of a column of a file of orders.
    #[must_use]
    pub fn order_column(self, column: OrderColumn) -> &'static str {
        match column {
            OrderColumn::TrackingNumber => self.tracking_number(),
            OrderColumn::Product => self.product_name(),
            OrderColumn::Plan => self.plan(),
            OrderColumn::Quantity => self.quantity(),
            OrderColumn::PurchaseDate => self.purchase_date(),
            OrderColumn::StartDate => self.start_date(),
            OrderColumn::EndDate => self.end_date(),
            OrderColumn::SapOrder => self.sap_order(),
            OrderColumn::SapCustomerNumber => self.sap_number(),
            OrderColumn::PurchaseOrders => self.purchase_orders(),
            OrderColumn::Account => self.account_id(),
        }
    }

    /// The name of an encoding.
    #[must_use]
    pub fn encoding(self, encoding: LegacyEncoding) -> &'static str {
        match encoding {
            LegacyEncoding::Western => self.encoding_western(),
            LegacyEncoding::CentralEuropean => self.encoding_central_european(),
            LegacyEncoding::Cyrillic => self.encoding_cyrillic(),
            LegacyEncoding::Greek => self.encoding_greek(),
            LegacyEncoding::Turkish => self.encoding_turkish(),
            LegacyEncoding::Baltic => self.encoding_baltic(),
            LegacyEncoding::Hebrew => self.encoding_hebrew(),
            LegacyEncoding::Arabic => self.encoding_arabic(),
            LegacyEncoding::Japanese => self.encoding_japanese(),
            LegacyEncoding::SimplifiedChinese => self.encoding_simplified_chinese(),
            LegacyEncoding::TraditionalChinese => self.encoding_traditional_chinese(),
            LegacyEncoding::Korean => self.encoding_korean(),
            LegacyEncoding::Macintosh => self.encoding_macintosh(),
        }
    }

    /// Why a control is disabled.
    #[must_use]
    pub fn reason(self, reason: Reason) -> &'static str {
        match reason {
            Reason::PartnerAdminOnly => self.read_only_reason_partner_admin(),
            Reason::AccountDeleted => self.read_only_reason_deleted(),
            Reason::PartnersOwnAccount => self.read_only_reason_partners_own(),
        }
    }

    /// A privilege's name.
    #[must_use]
    pub fn privilege(self, privilege: Privilege) -> &'static str {
        match privilege {
            Privilege::DelegatedAuthentication => self.delegated_authentication(),
            Privilege::GuestAccess => self.guest_access(),
        }
    }

    /// What a subscription, or an order, is worth.
    #[must_use]
    pub fn subscription_status(self, status: SubscriptionStatus) -> &'static str {
        match status {
            SubscriptionStatus::Pending => self.status_pending(),
            SubscriptionStatus::Active => self.status_active(),
            SubscriptionStatus::Expiring => self.status_expiring(),
            SubscriptionStatus::Expired => self.status_expired(),
            SubscriptionStatus::Perpetual => self.status_perpetual(),
        }
    }

    /// For how long a subscription runs.
    #[must_use]
    pub fn term_in_words(self, term: Term) -> String {
        match term {
            Term::Months(months) => self.term_months(months),
            Term::Days(days) => self.term_days(days),
            Term::Perpetual => self.status_perpetual().to_owned(),
        }
    }

    /// What an integration truly is.
    #[must_use]
    pub fn integration_state(self, state: State) -> &'static str {
        match state {
            State::Off => self.state_off(),
            State::NeedsSetUp => self.state_needs_set_up(),
            State::On => self.state_on(),
            State::Paused => self.state_paused(),
            State::Failing => self.state_failing(),
        }
    }

    /// Whether a privilege is on, in the gender of its name.
    #[must_use]
    pub fn privilege_state(self, privilege: Privilege, on: bool) -> &'static str {
        match (privilege, on) {
            (Privilege::DelegatedAuthentication, on) => self.switch_state(on),
            (Privilege::GuestAccess, true) => self.guest_access_on(),
            (Privilege::GuestAccess, false) => self.guest_access_off(),
        }
    }

    /// Whether something is switched on.
    #[must_use]
    pub fn switch_state(self, on: bool) -> &'static str {
        if on { self.state_on() } else { self.state_off() }
    }

    /// A day.
    #[must_use]
    pub fn day(self, day: jiff::civil::Date) -> String {
        self.date(&day.day().to_string(), self.month(day), &day.year().to_string())
    }

    fn month(self, day: jiff::civil::Date) -> &'static str {
        let month = usize::from(day.month().unsigned_abs()).saturating_sub(1);
        self.months().split(' ').nth(month).unwrap_or_default()
    }

    /// A point in time, in UTC.
    #[must_use]
    pub fn date_and_time(self, time: Timestamp) -> String {
        let time =
            jiff::Timestamp::from_millisecond(time.0).unwrap_or_default().to_zoned_datetime(jiff::tz::TimeZone::UTC);
        let month = self.month(time.date());
        let clock = format!("{:02}:{:02}", time.hour(), time.minute());
        self.date_time(&time.day().to_string(), month, &clock, &time.year().to_string())
    }

    /// What went wrong with a request, and what to do.
    #[must_use]
    pub fn wire_error(self, error: &WireError) -> String {
        match error {
            WireError::Unauthenticated => self.error_unauthenticated().to_owned(),
            WireError::NotFound => self.error_not_found().to_owned(),
            WireError::Forbidden(reason) => self.reason(*reason).to_owned(),
            WireError::Conflict(conflict) => self.conflict_title(conflict.fields.len() as u64),
            WireError::Unconfirmed { .. } => self.error_unconfirmed().to_owned(),
            WireError::Needs { .. } => self.error_needs().to_owned(),
            WireError::Outdated => self.error_outdated().to_owned(),
            WireError::Invalid { fields } if fields.is_empty() => self.error_form().to_owned(),
            WireError::Invalid { fields } => self.fields_invalid(fields.len() as u64),
            WireError::TooLarge { max } => self.error_too_large(&max.to_string()),
            WireError::RateLimited { retry_after } => self.error_rate_limited(minutes(*retry_after)),
            WireError::Internal { reference } => self.error_internal(reference),
            WireError::Unreachable => self.error_unreachable().to_owned(),
        }
    }
}

/// A character, with its code where another may look like it.
fn with_code(character: &str) -> String {
    match character.chars().next() {
        Some(first) if !character.is_ascii() => format!("{character} (U+{:04X})", u32::from(first)),
        _ => character.to_owned(),
    }
}

/// Bytes as mebibytes, rounded up to a tenth, so that what is too much never looks like the limit.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1024 * 1024);
    if tenths.is_multiple_of(10) {
        format!("{} MiB", tenths / 10)
    } else {
        format!("{}.{} MiB", tenths / 10, tenths % 10)
    }
}

/// Seconds as whole minutes, at least one.
fn minutes(seconds: i64) -> u64 {
    u64::try_from(seconds.max(1)).unwrap_or(1).div_ceil(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Wording = Wording(Locale::En);
    const IT: Wording = Wording(Locale::It);

    #[test]
    fn controls_are_named_as_the_product_describes_them() {
        type Key = fn(Wording) -> &'static str;
        let names: [(Key, &str, &str); 26] = [
            (Wording::sign_in, "Sign in", "Accedi"),
            (Wording::sign_out, "Sign out", "Esci"),
            (Wording::people, "People", "Persone"),
            (Wording::search_accounts, "Search accounts", "Cerca account"),
            (Wording::add_account, "Add account", "Aggiungi account"),
            (Wording::account_information, "Account information", "Informazioni account"),
            (Wording::active, "Active", "Attivo"),
            (Wording::deactivated, "Deactivated", "Disattivato"),
            (Wording::deleted, "Deleted", "Eliminato"),
            (Wording::state_off, "Off", "Disattivata"),
            (Wording::state_needs_set_up, "Needs set-up", "Da configurare"),
            (Wording::state_on, "On", "Attiva"),
            (Wording::state_paused, "Paused", "In pausa"),
            (Wording::state_failing, "Failing", "In errore"),
            (Wording::set_up, "Set up", "Configura"),
            (Wording::remove, "Remove", "Rimuovi"),
            (Wording::undo, "Undo", "Annulla operazione"),
            (Wording::cancel, "Cancel", "Annulla"),
            (Wording::confirm, "Confirm", "Conferma"),
            (Wording::discard, "Discard", "Scarta modifiche"),
            (Wording::deactivate, "Deactivate", "Disattiva"),
            (Wording::reactivate, "Reactivate", "Riattiva"),
            (Wording::delete, "Delete", "Elimina"),
            (Wording::restore, "Restore", "Ripristina"),
            (Wording::add_contact, "Add contact", "Aggiungi contatto"),
            (Wording::report_problem, "Report a problem", "Segnala un problema"),
        ];
        for (name, english, italian) in names {
            assert_eq!((name(EN), name(IT)), (english, italian));
        }
    }

    #[test]
    fn italian_says_tu_throughout() {
        const VOI: [&str; 31] = [
            "accedete",
            "appartenete",
            "attendete",
            "avete",
            "cercate",
            "compilate",
            "controllate",
            "dovete",
            "fate",
            "gestite",
            "guardate",
            "inserite",
            "lasciate",
            "lavorate",
            "potete",
            "potrete",
            "provate",
            "ricaricate",
            "riprovate",
            "ripristinatelo",
            "salvate",
            "scegliete",
            "scrivete",
            "selezionate",
            "siete",
            "usate",
            "verificate",
            "voi",
            "vostra",
            "vostri",
            "vostro",
        ];
        let text = include_str!("../locales/it.toml").to_lowercase();
        let words = text.split(|character: char| !character.is_alphabetic());
        let found: Vec<&str> = words.filter(|word| VOI.contains(word)).collect();
        assert_eq!(found, Vec::<&str>::new());
    }

    #[test]
    fn a_required_field_is_named_where_it_is_known() {
        let error = |field| EN.customer_error(field, &FieldError::Required);
        assert_eq!(error("name"), "Enter a customer name.");
        assert_eq!(error("country"), "Choose a country.");
        assert_eq!(error("city"), "Enter a value.");
        assert_eq!(EN.customer_error("country", &FieldError::UnknownChoice), "Choose an option from the list.");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_file_may_name_its_columns_as_the_pages_do() {
        for locale in [Locale::En, Locale::It] {
            for &column in OrderColumn::ALL {
                let name = Wording(locale).order_column(column);
                assert_eq!(service::orders::import::column_of(name), Some(column), "{name}");
            }
        }
    }

    #[test]
    fn what_is_too_much_never_looks_like_the_limit() {
        assert_eq!(mebibytes(8 * 1024 * 1024), "8 MiB");
        assert_eq!(mebibytes(8 * 1024 * 1024 + 1), "8.1 MiB");
    }
}

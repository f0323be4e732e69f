//! Customer information: what is typed, what of it is accepted, and how two edits become one.

mod country_change;

use serde::{Deserialize, Serialize};

use crate::{
    account::BusinessType,
    activity::Change,
    country::{self, CountryCode, CountryFormat, PostalCode, PostalCodeError},
    email::{EmailAddress, EmailAddressError},
    locale::Language,
    order_file::FileFault,
    text::{Difference, TextError, parse_line},
};

pub use country_change::{CountryHistory, Place};

/// The most characters of a customer's name.
pub const NAME_MAX: u16 = 120;
/// The most characters of any other free text of customer information.
pub const TEXT_MAX: u16 = 120;

/// The fields of customer information that can be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerField {
    /// Customer name.
    Name,
    /// Country.
    Country,
    /// Province or state, as the country names it.
    Subdivision,
    /// First line of the address.
    Address1,
    /// Second line of the address.
    Address2,
    /// City.
    City,
    /// Postal or ZIP code.
    PostalCode,
    /// Default language.
    Language,
    /// Business type.
    BusinessType,
}

impl CustomerField {
    /// Every field, in the order of the page.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Country,
        Self::Subdivision,
        Self::Address1,
        Self::Address2,
        Self::City,
        Self::PostalCode,
        Self::Language,
        Self::BusinessType,
    ];

    /// The fields of which one has no meaning without the others.
    const PLACE: [Self; 3] = [Self::Country, Self::Subdivision, Self::PostalCode];

    /// The name of the field in forms and in records of activity.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Country => "country",
            Self::Subdivision => "subdivision",
            Self::Address1 => "address1",
            Self::Address2 => "address2",
            Self::City => "city",
            Self::PostalCode => "postal_code",
            Self::Language => "language",
            Self::BusinessType => "business_type",
        }
    }

    /// The field of a key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }
}

/// Customer information as text: what a form holds, typed or filled from what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerForm {
    /// Customer name.
    pub name: String,
    /// Country, as its ISO 3166-1 code.
    pub country: String,
    /// Province or state: an ISO 3166-2 code where the country's are listed, else free text.
    pub subdivision: String,
    /// First line of the address.
    pub address1: String,
    /// Second line of the address.
    pub address2: String,
    /// City.
    pub city: String,
    /// Postal or ZIP code.
    pub postal_code: String,
    /// Default language, as its tag.
    pub language: String,
    /// Business type, as its key.
    pub business_type: String,
}

impl CustomerForm {
    /// The text of one field.
    #[must_use]
    pub fn get(&self, field: CustomerField) -> &str {
        match field {
            CustomerField::Name => &self.name,
            CustomerField::Country => &self.country,
            CustomerField::Subdivision => &self.subdivision,
            CustomerField::Address1 => &self.address1,
            CustomerField::Address2 => &self.address2,
            CustomerField::City => &self.city,
            CustomerField::PostalCode => &self.postal_code,
            CustomerField::Language => &self.language,
            CustomerField::BusinessType => &self.business_type,
        }
    }

    /// The text of one field, to be written.
    pub fn get_mut(&mut self, field: CustomerField) -> &mut String {
        match field {
            CustomerField::Name => &mut self.name,
            CustomerField::Country => &mut self.country,
            CustomerField::Subdivision => &mut self.subdivision,
            CustomerField::Address1 => &mut self.address1,
            CustomerField::Address2 => &mut self.address2,
            CustomerField::City => &mut self.city,
            CustomerField::PostalCode => &mut self.postal_code,
            CustomerField::Language => &mut self.language,
            CustomerField::BusinessType => &mut self.business_type,
        }
    }

    /// The fields in which this differs from `other`.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<CustomerField> {
        CustomerField::ALL.into_iter().filter(|&field| self.get(field) != other.get(field)).collect()
    }

    /// The changes that lead from `old` to this.
    #[must_use]
    pub fn changes_from(&self, old: &Self) -> Vec<Change> {
        self.differing(old)
            .into_iter()
            .map(|field| Change {
                field: field.key().to_owned(),
                old: old.get(field).to_owned(),
                new: self.get(field).to_owned(),
            })
            .collect()
    }
}

/// Customer information that holds every rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerInformation {
    /// Customer name, 1 to [`NAME_MAX`] characters.
    pub name: String,
    /// Country.
    pub country: CountryCode,
    /// Province or state.
    pub subdivision: Option<String>,
    /// First line of the address.
    pub address1: Option<String>,
    /// Second line of the address.
    pub address2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Postal code in the country's format.
    pub postal_code: Option<PostalCode>,
    /// Default language.
    pub language: Language,
    /// Business type.
    pub business_type: Option<BusinessType>,
}

/// What is wrong with a field. The page words it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldError {
    /// It must be filled in.
    Required,
    /// The text itself is refused.
    Text(TextError),
    /// None of the choices offered.
    UnknownChoice,
    /// Not of the country's postal format.
    PostalFormat {
        /// A postal code of that country, if one is known.
        example: Option<String>,
    },
    /// The country has no postal codes.
    PostalNotUsed,
    /// The code of a subdivision of another country.
    ForeignSubdivision,
    /// No e-mail address.
    Email,
    /// An e-mail address with a space in it.
    EmailSpace,
    /// An e-mail address with a character before the `@` that none has there.
    EmailCharacter {
        /// Which.
        character: char,
    },
    /// An e-mail address without a domain after the `@`.
    EmailDomain,
    /// A password of too few characters.
    TooShort {
        /// The fewest characters.
        min: u16,
    },
    /// Not the present password.
    WrongPassword,
    /// A password that is common, repetitive, a sequence, or made of the person's own data.
    GuessablePassword,
    /// A name that is, or looks like, one of the console's own.
    ReservedName,
    /// Neither an address nor the name of anybody.
    NobodyFound,
    /// The name of more than one person.
    SeveralPeople,
    /// It is there already.
    Duplicate,
    /// The last support contact, without which an account cannot be.
    LastContact,
    /// There are as many as there can be.
    TooMany {
        /// The most.
        max: u16,
    },
    /// No GUID.
    Guid,
    /// Neither a GUID nor a domain of a directory (tenant).
    TenantId,
    /// The ID of a secret, not its value.
    SecretId,
    /// A secret that has to be typed again, as it is never shown.
    SecretAgain,
    /// The other side refused it.
    Refused {
        /// In its words.
        reason: String,
    },
    /// The other side did not answer.
    Unreachable,
    /// No day such as 2026-11-22.
    Date,
    /// The last day is before the first.
    EndBeforeStart,
    /// No whole number of licences from one to so many.
    Quantity {
        /// The most.
        max: u32,
    },
    /// No tracking number.
    TrackingNumber,
    /// No application of the catalogue.
    UnknownProduct,
    /// No account that the person may see.
    UnknownAccount,
    /// The name of more than one account.
    SeveralAccounts,
    /// An order of this number is there already.
    OrderExists,
    /// An order of the same number stands further up in the file.
    SameAsLine {
        /// On this line.
        line: u64,
    },
    /// A row has more cells than the file has columns.
    SurplusCells {
        /// How many columns there are.
        columns: u64,
    },
    /// A character was lost when the file was written or read.
    LostCharacter,
    /// A file of which nothing is right and new.
    NothingToImport,
    /// A file of orders that cannot be read.
    File(FileFault),
    /// Not the name that had to be typed.
    OtherName {
        /// Where it first differs.
        difference: Difference,
    },
}

/// The fields that were refused, in the order of the form, each with what is wrong.
pub type FieldErrors = Vec<(String, FieldError)>;

/// Collects what is wrong while a form is read to its end.
#[derive(Debug, Default)]
pub struct FieldCheck {
    errors: FieldErrors,
}

impl FieldCheck {
    /// The value of `result`; an error is noted under `field`.
    pub fn take<T, E: Into<FieldError>>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.errors.push((field.to_owned(), error.into()))).ok()
    }

    /// What was refused.
    #[must_use]
    pub fn into_errors(self) -> FieldErrors {
        self.errors
    }
}

impl From<TextError> for FieldError {
    fn from(error: TextError) -> Self {
        Self::Text(error)
    }
}

impl From<EmailAddressError> for FieldError {
    fn from(error: EmailAddressError) -> Self {
        match error {
            EmailAddressError::Form => Self::Email,
            EmailAddressError::Space => Self::EmailSpace,
            EmailAddressError::Character(character) => Self::EmailCharacter { character },
            EmailAddressError::Domain => Self::EmailDomain,
        }
    }
}

impl From<PostalCodeError> for FieldError {
    fn from(error: PostalCodeError) -> Self {
        match error {
            PostalCodeError::NotUsed => Self::PostalNotUsed,
            PostalCodeError::Format { example } => Self::PostalFormat { example },
        }
    }
}

impl CustomerInformation {
    /// Reads a form by the rules of its country, whose `format` is that of `form.country`; `None` for
    /// a country that is unknown or not chosen yet, which is an error of its own.
    ///
    /// # Errors
    /// Every field that is refused, in the order of the page.
    pub fn parse(form: &CustomerForm, format: Option<&CountryFormat>) -> Result<Self, FieldErrors> {
        let mut check = FieldCheck::default();
        let key = CustomerField::key;
        let name = check.take(key(CustomerField::Name), required_line(&form.name, NAME_MAX));
        let country = check.take(key(CustomerField::Country), parse_country(&form.country, format));
        let subdivision = check.take(key(CustomerField::Subdivision), parse_subdivision(&form.subdivision, format));
        let address1 = check.take(key(CustomerField::Address1), parse_line(&form.address1, TEXT_MAX));
        let address2 = check.take(key(CustomerField::Address2), parse_line(&form.address2, TEXT_MAX));
        let city = check.take(key(CustomerField::City), parse_line(&form.city, TEXT_MAX));
        let postal_code = check.take(key(CustomerField::PostalCode), parse_postal_code(&form.postal_code, format));
        let language = check.take(key(CustomerField::Language), parse_language(&form.language));
        let business_type = check.take(key(CustomerField::BusinessType), parse_business_type(&form.business_type));
        let information = (|| {
            Some(Self {
                name: name?,
                country: country?,
                subdivision: subdivision?,
                address1: address1?,
                address2: address2?,
                city: city?,
                postal_code: postal_code?,
                language: language?,
                business_type: business_type?,
            })
        })();
        information.ok_or_else(|| check.into_errors())
    }

    /// The same as text, in the one form in which it is stored, compared and recorded.
    #[must_use]
    pub fn to_form(&self) -> CustomerForm {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        CustomerForm {
            name: self.name.clone(),
            country: self.country.to_string(),
            subdivision: text(&self.subdivision),
            address1: text(&self.address1),
            address2: text(&self.address2),
            city: text(&self.city),
            postal_code: self.postal_code.as_ref().map(ToString::to_string).unwrap_or_default(),
            language: self.language.tag().to_owned(),
            business_type: self.business_type.map_or(String::new(), |kind| kind.key().to_owned()),
        }
    }
}

/// A line that must not be empty.
///
/// # Errors
/// [`FieldError`] when it is empty or its text is refused.
pub fn required_line(text: &str, max: u16) -> Result<String, FieldError> {
    parse_line(text, max)?.ok_or(FieldError::Required)
}

/// An e-mail address that must be given.
///
/// # Errors
/// [`FieldError`] when there is none, or what is wrong with it.
pub fn required_email(text: &str) -> Result<EmailAddress, FieldError> {
    match EmailAddress::parse(text) {
        Err(_) if crate::text::normalize_line(text).is_empty() => Err(FieldError::Required),
        result => Ok(result?),
    }
}

fn parse_country(text: &str, format: Option<&CountryFormat>) -> Result<CountryCode, FieldError> {
    if text.trim().is_empty() {
        return Err(FieldError::Required);
    }
    match CountryCode::parse(text) {
        Ok(code) if format.is_some_and(|format| format.code == code) => Ok(code),
        _ => Err(FieldError::UnknownChoice),
    }
}

fn parse_subdivision(text: &str, format: Option<&CountryFormat>) -> Result<Option<String>, FieldError> {
    let line = parse_line(text, TEXT_MAX)?;
    match (line, format) {
        (Some(code), Some(format)) if !format.subdivisions.is_empty() => {
            country::parse_subdivision(format, &code).map_err(|_| FieldError::UnknownChoice)
        }
        (Some(text), Some(format)) if country::is_foreign_subdivision(format, &text) => {
            Err(FieldError::ForeignSubdivision)
        }
        (line, _) => Ok(line),
    }
}

fn parse_postal_code(text: &str, format: Option<&CountryFormat>) -> Result<Option<PostalCode>, PostalCodeError> {
    format.map_or(Ok(None), |format| PostalCode::parse(format, text))
}

fn parse_language(text: &str) -> Result<Language, FieldError> {
    match text {
        "" => Err(FieldError::Required),
        tag => Language::from_tag(tag).ok_or(FieldError::UnknownChoice),
    }
}

fn parse_business_type(text: &str) -> Result<Option<BusinessType>, FieldError> {
    match text {
        "" => Ok(None),
        key => BusinessType::from_key(key).map(Some).ok_or(FieldError::UnknownChoice),
    }
}

/// Two edits of the same information, brought together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The stored form with every field of the wanted one that the wanted edit changed.
    pub merged: CustomerForm,
    /// The fields that both changed, to different values: a person has to choose.
    pub conflicts: Vec<CustomerField>,
}

/// An edit that cannot be saved until a person has chosen between two values of some fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What is stored by now.
    pub stored: CustomerForm,
    /// What the edit comes to: what is stored, with what only this edit changed and, in the fields
    /// to choose, what it wanted.
    pub merged: CustomerForm,
    /// The version to state when saving again.
    pub version: i64,
    /// The fields that both changed, to different values.
    pub fields: Vec<CustomerField>,
    /// Who saved last.
    pub by: String,
}

/// Brings `wanted`, which began from `base`, together with what is `stored` by now.
///
/// Country, subdivision and postal code belong together: a postal code that was right for the country
/// someone saw is not merged into another country without asking, and whoever changes the country has
/// changed all three.
#[must_use]
pub fn merge(base: &CustomerForm, stored: &CustomerForm, wanted: &CustomerForm) -> Merge {
    let changed =
        |one: &CustomerForm, group: &[CustomerField]| group.iter().any(|&field| one.get(field) != base.get(field));
    let mut merged = stored.clone();
    let mut conflicts = Vec::new();
    for field in CustomerField::ALL {
        let of_place = CustomerField::PLACE.contains(&field);
        let with_country = of_place && changed(wanted, &[CustomerField::Country]);
        if !with_country && !changed(wanted, &[field]) {
            continue;
        }
        let together: &[CustomerField] = if of_place { &CustomerField::PLACE } else { &[field] };
        if changed(stored, together) && stored.get(field) != wanted.get(field) {
            conflicts.push(field);
        }
        wanted.get(field).clone_into(merged.get_mut(field));
    }
    Merge { merged, conflicts }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use proptest::prelude::*;

    use super::*;
    use crate::country::catalogue;

    fn form() -> CustomerForm {
        CustomerForm {
            name: "Rossi Ceramiche S.p.A.".into(),
            country: "IT".into(),
            subdivision: "IT-MO".into(),
            address1: "Via Emilia Est 1180".into(),
            address2: String::new(),
            city: "Modena".into(),
            postal_code: "41121".into(),
            language: "it".into(),
            business_type: "manufacturing".into(),
        }
    }

    fn parse(form: &CustomerForm) -> Result<CustomerInformation, FieldErrors> {
        let code = CountryCode::parse(&form.country);
        CustomerInformation::parse(form, code.ok().map(catalogue::format))
    }

    fn refused(change: impl Fn(&mut CustomerForm)) -> FieldErrors {
        let mut form = form();
        change(&mut form);
        parse(&form).unwrap_err()
    }

    #[test]
    fn what_is_accepted_reads_back_the_same() {
        assert_eq!(parse(&form()).unwrap().to_form(), form());
        let bare =
            CustomerForm { name: "A".into(), country: "MC".into(), language: "fr".into(), ..CustomerForm::default() };
        assert_eq!(parse(&bare).unwrap().to_form(), bare);
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        assert_eq!(refused(|form| form.name = "  ".into()), [("name".into(), FieldError::Required)]);
        assert_eq!(
            refused(|form| form.name = "x".repeat(121)),
            [("name".into(), FieldError::Text(TextError::TooLong { max: 120 }))]
        );
        assert_eq!(
            refused(|form| form.name = "\u{3164}\u{2800}\u{AD}\u{200D}".into()),
            [("name".into(), FieldError::Required)]
        );
        assert_eq!(
            refused(|form| form.city = "Mo\u{202E}dena".into()),
            [("city".into(), FieldError::Text(TextError::Control))]
        );
        assert_eq!(refused(|form| form.country = String::new()), [("country".into(), FieldError::Required)]);
        assert_eq!(refused(|form| form.country = "ZZ".into()), [("country".into(), FieldError::UnknownChoice)]);
        assert_eq!(
            refused(|form| form.subdivision = "US-CA".into()),
            [("subdivision".into(), FieldError::UnknownChoice)]
        );
        assert!(matches!(
            refused(|form| form.postal_code = "4112".into()).as_slice(),
            [(field, FieldError::PostalFormat { example: Some(_) })] if field == "postal_code"
        ));
        assert_eq!(refused(|form| form.language = "xx".into()), [("language".into(), FieldError::UnknownChoice)]);
        assert_eq!(
            refused(|form| form.business_type = "x".into()),
            [("business_type".into(), FieldError::UnknownChoice)]
        );
    }

    #[test]
    fn no_address_has_a_subdivision_that_its_country_does_not_have() {
        let germany = |subdivision: &str| CustomerForm {
            country: "DE".into(),
            subdivision: subdivision.into(),
            postal_code: "10115".into(),
            ..form()
        };
        for foreign in ["IT-BZ", "IT-MO", "CA-QC", "ca-qc", "\u{200E}IT-BZ "] {
            let errors = parse(&germany(foreign)).unwrap_err();
            assert_eq!(errors, [("subdivision".into(), FieldError::ForeignSubdivision)], "{foreign}");
        }
        assert_eq!(
            parse(&germany(" Baden\u{2011}Württemberg ")).unwrap().subdivision.as_deref(),
            Some("Baden‑Württemberg")
        );
    }

    #[test]
    fn every_field_is_normalised_before_it_is_compared_or_stored() {
        let typed = CustomerForm {
            name: "\u{200F}Cafe\u{301}\u{A0}\u{AD}Roma".into(),
            address1: " Via\u{3000}Emilia ".into(),
            city: "Reggio\u{200B} Emilia".into(),
            postal_code: "I-４１１２１".into(),
            ..form()
        };
        let read = parse(&typed).unwrap().to_form();
        let stored = CustomerForm {
            name: "Café Roma".into(),
            address1: "Via Emilia".into(),
            city: "Reggio Emilia".into(),
            ..form()
        };
        assert_eq!(read, stored);
        assert_eq!(read.changes_from(&stored), []);
    }

    #[test]
    fn an_address_of_mail_says_what_is_wrong_with_it() {
        assert_eq!(required_email(" \u{A0}\u{200B}"), Err(FieldError::Required));
        assert_eq!(required_email("lucia"), Err(FieldError::Email));
        assert_eq!(required_email("lu@example com"), Err(FieldError::EmailSpace));
        assert_eq!(required_email("Zoë@example.com"), Err(FieldError::EmailCharacter { character: 'ë' }));
        assert_eq!(required_email("lu@example"), Err(FieldError::EmailDomain));
        assert!(required_email("lu@müller.example").is_ok());
    }

    #[test]
    fn every_fault_is_reported_at_once_in_the_order_of_the_page() {
        let errors = refused(|form| {
            form.postal_code = "x".into();
            form.name = String::new();
        });
        assert_eq!(errors.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["name", "postal_code"]);
    }

    #[test]
    fn edits_of_different_fields_merge() {
        let base = form();
        let stored = CustomerForm { city: "Sassuolo".into(), ..base.clone() };
        let wanted = CustomerForm { name: "Rossi".into(), ..base.clone() };
        let both = CustomerForm { city: "Sassuolo".into(), name: "Rossi".into(), ..base.clone() };
        assert_eq!(merge(&base, &stored, &wanted), Merge { merged: both, conflicts: vec![] });
    }

    #[test]
    fn edits_of_the_same_field_are_for_a_person_to_choose() {
        let base = form();
        let stored = CustomerForm { city: "Sassuolo".into(), ..base.clone() };
        let wanted = CustomerForm { city: "Carpi".into(), ..base.clone() };
        assert_eq!(merge(&base, &stored, &wanted).conflicts, [CustomerField::City]);
        assert_eq!(merge(&base, &stored, &stored.clone()).conflicts, []);
    }

    #[test]
    fn a_postal_code_is_not_merged_into_another_country() {
        let base = form();
        let stored = CustomerForm {
            country: "FR".into(),
            subdivision: String::new(),
            postal_code: "75001".into(),
            ..base.clone()
        };
        let wanted = CustomerForm { postal_code: "41123".into(), ..base.clone() };
        let merge = merge(&base, &stored, &wanted);
        assert_eq!(merge.conflicts, [CustomerField::PostalCode]);
        assert_eq!(merge.merged.country, "FR");
    }

    #[test]
    fn a_province_that_others_chose_is_not_merged_into_another_country() {
        let base = CustomerForm { country: "CA".into(), subdivision: String::new(), ..form() };
        let stored = CustomerForm { subdivision: "CA-QC".into(), ..base.clone() };
        let wanted = CustomerForm { country: "DE".into(), ..base.clone() };
        let merge = merge(&base, &stored, &wanted);
        assert_eq!(merge.conflicts, [CustomerField::Country, CustomerField::Subdivision]);
        assert_eq!((merge.merged.country.as_str(), merge.merged.subdivision.as_str()), ("DE", ""));
    }

    proptest! {
        #[test]
        fn a_merge_loses_neither_edit(
            base in "[ab]{1,2}", stored in proptest::collection::vec("[abc]{1,2}", 9),
            wanted in proptest::collection::vec("[abc]{1,2}", 9),
        ) {
            let fill = |values: &[String]| {
                let mut form = CustomerForm::default();
                for (field, value) in CustomerField::ALL.into_iter().zip(values) {
                    *form.get_mut(field) = value.clone();
                }
                form
            };
            let base = fill(&vec![base; 9]);
            let (stored, wanted) = (fill(&stored), fill(&wanted));
            let result = merge(&base, &stored, &wanted);
            for field in CustomerField::ALL {
                if result.conflicts.contains(&field) {
                    prop_assert_ne!(stored.get(field), wanted.get(field));
                    continue;
                }
                let merged = result.merged.get(field);
                let untouched = wanted.get(field) == base.get(field);
                prop_assert_eq!(merged, if untouched { stored.get(field) } else { wanted.get(field) });
            }
        }
    }
}

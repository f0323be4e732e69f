//! Choosing another country in a form: what of an address goes with the country, and comes back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CustomerField, CustomerForm};
use crate::country::{CountryFormat, is_foreign_subdivision, parse_subdivision};

/// What of an address means something only together with its country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Province or state.
    pub subdivision: String,
    /// Postal or ZIP code.
    pub postal_code: String,
}

/// The countries that were chosen while one form was filled in, with what was typed for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CountryHistory {
    /// The country whose fields the form shows; empty before one is chosen.
    pub shown: String,
    /// What was typed for the countries chosen before, by their codes.
    pub places: BTreeMap<String, Place>,
    /// The fields that the last change of country emptied.
    pub emptied: Vec<CustomerField>,
}

/// The most countries of which what was typed is remembered.
const MAX_PLACES: usize = 20;

impl CountryHistory {
    /// The history of a form that shows the fields of `country`.
    #[must_use]
    pub fn new(country: &str) -> Self {
        Self { shown: country.to_owned(), ..Self::default() }
    }

    /// Remembers what `form` holds for the country whose fields it shows.
    pub fn remember(&mut self, form: &CustomerForm) {
        if self.shown.is_empty() || self.places.len() >= MAX_PLACES && !self.places.contains_key(&self.shown) {
            return;
        }
        let place = Place { subdivision: form.subdivision.clone(), postal_code: form.postal_code.clone() };
        self.places.insert(self.shown.clone(), place);
    }

    /// Brings `form`, in which the country of `format` is chosen by now, back to what was typed for
    /// that country. A subdivision of another country is emptied, and a postal code where there are
    /// none.
    pub fn bring_back(&mut self, form: &mut CustomerForm, format: Option<&CountryFormat>) {
        let before = form.clone();
        let place = self.places.get(&form.country).cloned().unwrap_or_default();
        if !place.subdivision.is_empty() {
            form.subdivision = place.subdivision;
        } else if !self.shown.is_empty() || !can_hold(format, &form.subdivision) {
            form.subdivision.clear();
        }
        if !place.postal_code.is_empty() {
            form.postal_code = place.postal_code;
        } else if format.is_some_and(|format| format.postal.is_none()) {
            form.postal_code.clear();
        }
        form.country.clone_into(&mut self.shown);
        let emptied = |field: &CustomerField| form.get(*field).is_empty() && !before.get(*field).is_empty();
        self.emptied = [CustomerField::Subdivision, CustomerField::PostalCode].into_iter().filter(emptied).collect();
    }

    /// Does both, if the country that `form` holds is another than the one whose fields it shows.
    pub fn change_country(&mut self, form: &mut CustomerForm, format: Option<&CountryFormat>) {
        if form.country != self.shown {
            self.remember(form);
            self.bring_back(form, format);
        }
    }
}

/// Whether the country can have a subdivision that was typed before a country was chosen.
fn can_hold(format: Option<&CountryFormat>, subdivision: &str) -> bool {
    let Some(format) = format else { return true };
    if format.subdivisions.is_empty() {
        return !is_foreign_subdivision(format, subdivision);
    }
    parse_subdivision(format, subdivision).is_ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::country::{CountryCode, catalogue};

    fn bolzano() -> CustomerForm {
        CustomerForm {
            country: "IT".into(),
            subdivision: "IT-BZ".into(),
            postal_code: "39100".into(),
            city: "Bolzano".into(),
            ..CustomerForm::default()
        }
    }

    fn choose(history: &mut CountryHistory, form: &mut CustomerForm, country: &str) -> Vec<CustomerField> {
        country.clone_into(&mut form.country);
        history.change_country(form, Some(catalogue::format(CountryCode::parse(country).unwrap())));
        history.emptied.clone()
    }

    #[test]
    fn what_was_typed_for_a_country_comes_back_with_it() {
        let (mut form, mut history) = (bolzano(), CountryHistory::new("IT"));
        assert_eq!(choose(&mut history, &mut form, "HK"), [CustomerField::Subdivision, CustomerField::PostalCode]);
        form.subdivision = "Kowloon".into();
        assert_eq!(choose(&mut history, &mut form, "IT"), []);
        assert_eq!(form, bolzano());
        choose(&mut history, &mut form, "HK");
        assert_eq!((form.subdivision.as_str(), form.postal_code.as_str()), ("Kowloon", ""));
    }

    #[test]
    fn a_province_does_not_go_along_to_another_country() {
        for country in ["DE", "US", "AE"] {
            let (mut form, mut history) = (bolzano(), CountryHistory::new("IT"));
            assert!(choose(&mut history, &mut form, country).contains(&CustomerField::Subdivision), "{country}");
            assert_eq!((form.subdivision.as_str(), form.city.as_str()), ("", "Bolzano"));
        }
        let bavaria = CustomerForm { country: "DE".into(), subdivision: "Bayern".into(), ..CustomerForm::default() };
        let (mut form, mut history) = (bavaria, CountryHistory::new("DE"));
        assert_eq!(choose(&mut history, &mut form, "FR"), [CustomerField::Subdivision]);
    }

    #[test]
    fn what_was_typed_before_a_country_was_chosen_stays_where_it_can() {
        let typed =
            CustomerForm { subdivision: "Bayern".into(), postal_code: "80331".into(), ..CustomerForm::default() };
        let (mut form, mut history) = (typed.clone(), CountryHistory::default());
        assert_eq!(choose(&mut history, &mut form, "DE"), []);
        assert_eq!((form.subdivision.as_str(), form.postal_code.as_str()), ("Bayern", "80331"));
        let (mut form, mut history) = (typed, CountryHistory::default());
        assert_eq!(choose(&mut history, &mut form, "IT"), [CustomerField::Subdivision]);
    }

    #[test]
    fn the_same_country_again_changes_nothing() {
        let (mut form, mut history) = (bolzano(), CountryHistory::new("IT"));
        assert_eq!(choose(&mut history, &mut form, "IT"), []);
        assert_eq!((form, history), (bolzano(), CountryHistory::new("IT")));
    }
}

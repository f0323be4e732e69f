//! Names of people, which stand beside what they did: none can be taken for the console's own.

use domain::customer::{FieldError, required_line};

/// The most characters of a person's name.
pub const NAME_MAX: u16 = 120;

/// The names under which the console records what no person did, in each of its languages.
const ACTORS: [&str; 13] = [
    "operator",
    "the operator",
    "somebody without access",
    "someone without access",
    "system",
    "the system",
    "microsoft",
    "operatore",
    "l'operatore",
    "gestore",
    "il gestore",
    "qualcuno senza accesso",
    "sistema",
];

/// The product's name, which no person's name may hold.
const PRODUCT: &str = "tenantry";

/// Parses the name of a person.
///
/// # Errors
/// A [`FieldError`] when it is no line of text, or is, or looks like, a name of the console's own.
pub fn parse(text: &str) -> Result<String, FieldError> {
    let name = required_line(text, NAME_MAX)?;
    let is_reserved = skeletons(&name).iter().any(|skeleton| {
        skeletons(PRODUCT).iter().any(|product| skeleton.contains(product))
            || ACTORS.iter().any(|actor| skeletons(actor).contains(skeleton))
    });
    if is_reserved { Err(FieldError::ReservedName) } else { Ok(name) }
}

/// What a name looks like, letters and digits only: names that can be mistaken for each other share one (Unicode
/// Technical Standard 39). Capitals are folded before or after, as some look like a letter that they are not.
fn skeletons(name: &str) -> [String; 2] {
    let skeleton = |text: &str| -> String {
        let letters = unicode_security::skeleton(text).filter(|character| character.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    [skeleton(name), skeleton(&name.to_lowercase())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_consoles_own_names_and_what_looks_like_them_are_refused() {
        for name in [
            "The operator",
            "OPERATOR",
            " the  Operator. ",
            "L'operatore",
            "L\u{2019}Operatore",
            "Operatore",
            "0perator",
            "Орerator",
            "The Opérator",
            "Ｏｐｅｒａｔｏｒ",
            "Tenantry",
            "TENANTRY",
            "Ten\u{430}ntry",
            "Tenantry Support",
            "Mіcrosoft",
        ] {
            assert_eq!(parse(name), Err(FieldError::ReservedName), "{name}");
        }
    }

    #[test]
    fn names_of_people_are_accepted() {
        for name in ["Lucia Neri", "Ольга Оператова", "Operator Smith", "山田 太郎", "Tina Entry", "Søren"]
        {
            assert_eq!(parse(name), Ok(name.to_owned()));
        }
        assert_eq!(parse(" "), Err(FieldError::Required));
    }
}

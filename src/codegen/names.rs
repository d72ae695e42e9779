//! From names of the IDL to names of Rust: cases, keywords, and scopes in which no name is given twice. It does not decide
//! which names share a scope; that is `plan`.

use std::collections::HashSet;

/// What a name stands for, which decides its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// `SomeType`, for types, traits and variants.
    Camel,
    /// `some_value`, for modules, fields, methods and arguments.
    Snake,
    /// `SOME_CONST`, for constants and the values of enums.
    Screaming,
}

/// The keywords of every edition, reserved ones included, that may be written raw.
const RAW: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override",
    "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// The keywords that may not.
const NEVER: [&str; 5] = ["Self", "crate", "self", "super", "_"];

/// `name` in the case, as an identifier that needs no escape but may still be a keyword.
fn convert(name: &str, case: Case) -> String {
    let words = words(name);
    let text = match case {
        Case::Camel if is_camel(name) => name.to_owned(),
        Case::Camel => words.iter().map(|word| capitalised(word, has_lowercase(name))).collect(),
        Case::Snake => words.join("_").to_ascii_lowercase(),
        Case::Screaming if !has_lowercase(name) && starts_well(name) => name.to_owned(),
        Case::Screaming => words.join("_").to_ascii_uppercase(),
    };
    if starts_well(&text) { text } else { prefixed(&text, case) }
}

/// A name without a letter at its start is given one.
fn prefixed(text: &str, case: Case) -> String {
    match case {
        Case::Camel | Case::Screaming => format!("N{text}"),
        Case::Snake => format!("n{text}"),
    }
}

fn starts_well(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
}

fn has_lowercase(text: &str) -> bool {
    text.contains(|letter: char| letter.is_ascii_lowercase())
}

/// Whether the author already wrote it as Rust would: acronyms stay as they are then.
fn is_camel(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase()) && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}

fn capitalised(word: &str, keep_rest: bool) -> String {
    let (first, rest) = word.split_at(1);
    let rest = if keep_rest { rest.to_owned() } else { rest.to_ascii_lowercase() };
    first.to_ascii_uppercase() + &rest
}

/// The words of a name: they end at anything that is no letter or digit, before a capital behind a small letter, and before
/// the last capital of an acronym (`HTTPServer` is `HTTP`, `Server`).
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let letters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (position, letter) in letters.iter().enumerate() {
            let before = position.checked_sub(1).map(|before| letters[before]);
            let after = letters.get(position + 1);
            let ends = before.is_some_and(|before| before.is_ascii_lowercase())
                || before.is_some() && after.is_some_and(char::is_ascii_lowercase);
            if letter.is_ascii_uppercase() && ends {
                words.push(std::mem::take(&mut word));
            }
            word.push(*letter);
        }
        words.push(word);
    }
    words
}

/// Makes an identifier of a name that may be a keyword.
fn escaped(name: String) -> String {
    if RAW.contains(&name.as_str()) {
        format!("r#{name}")
    } else if NEVER.contains(&name.as_str()) {
        name + "_"
    } else {
        name
    }
}

/// An identifier without its escape: the name of the file of a module, or for text.
pub(super) fn plain(identifier: &str) -> &str {
    identifier.strip_prefix("r#").unwrap_or(identifier)
}

/// `name` in this case, for use inside a longer name.
pub(super) fn part(name: &str, case: Case) -> String {
    convert(name, case)
}

/// Names that share a scope.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope(HashSet<String>);

impl Scope {
    /// A scope in which these names are taken.
    pub(super) fn reserving<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }

    /// Takes the name; a number is set behind it where it is taken already.
    pub(super) fn take(&mut self, name: &str) -> String {
        let mut free = name.to_owned();
        let mut number = 2;
        while self.0.contains(&free) {
            free = format!("{}{number}", plain(name));
            number += 1;
        }
        self.0.insert(free.clone());
        free
    }

    /// Takes the first of the names that is free, else the last with a number.
    pub(super) fn take_first(&mut self, names: [String; 2]) -> String {
        let [short, long] = names;
        if self.0.contains(&short) { self.take(&long) } else { self.take(&short) }
    }

    /// Identifiers for all names, in their order. Names that are in their case already keep it; only what must change can
    /// come to a number.
    pub(super) fn take_all(&mut self, names: &[&str], case: Case) -> Vec<String> {
        let names: Vec<_> = names.iter().map(|name| (*name, case)).collect();
        self.take_cases(&names)
    }

    /// The same for names of several cases.
    pub(super) fn take_cases(&mut self, names: &[(&str, Case)]) -> Vec<String> {
        let wanted: Vec<String> = names.iter().map(|(name, case)| escaped(convert(name, *case))).collect();
        let mut taken = vec![None; names.len()];
        for unchanged in [true, false] {
            for (position, name) in wanted.iter().enumerate() {
                if (plain(name) == names[position].0) == unchanged {
                    taken[position] = Some(self.take(name));
                }
            }
        }
        taken.into_iter().flatten().collect()
    }

    /// Whether the name is taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_a_name() {
        for (name, camel, snake, screaming) in [
            ("testI32", "TestI32", "test_i32", "TEST_I32"),
            ("getURL", "GetURL", "get_url", "GET_URL"),
            ("HTTPServer", "HTTPServer", "http_server", "HTTP_SERVER"),
            ("MY_TYPE", "MyType", "my_type", "MY_TYPE"),
            ("i32_thing", "I32Thing", "i32_thing", "I32_THING"),
            ("secondtestString", "SecondtestString", "secondtest_string", "SECONDTEST_STRING"),
            ("URL", "URL", "url", "URL"),
            ("_id", "Id", "id", "ID"),
            ("x__y_", "XY", "x_y", "X_Y"),
            ("_1", "N1", "n1", "N1"),
            ("__", "N", "n", "N"),
        ] {
            assert_eq!(convert(name, Case::Camel), camel);
            assert_eq!(convert(name, Case::Snake), snake);
            assert_eq!(convert(name, Case::Screaming), screaming);
        }
    }

    #[test]
    fn keywords_are_escaped_and_clashes_numbered() {
        let mut scope = Scope::reserving(["new"]);
        let names = scope.take_all(&["type", "self", "getURL", "get_url", "Type", "new", "getUrl"], Case::Snake);
        assert_eq!(names, ["r#type", "self_", "get_url2", "get_url", "type2", "new2", "get_url3"]);
        assert_eq!(Scope::default().take_all(&["Self", "self"], Case::Camel), ["Self_", "Self_2"]);
    }
}

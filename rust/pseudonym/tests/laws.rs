//! What holds for every key and every value: the promises in the crate's documentation, one law each.

use std::collections::BTreeMap;

use dicomblank_pseudonym::{Dates, Days, Identifiers, Key, Note, Uids};
use proptest::prelude::*;

fn key() -> impl Strategy<Value = Key> {
    any::<[u8; 32]>().prop_map(|bytes| Key::from_bytes(&bytes).unwrap())
}

/// Components as they occur: one digit, several, and those that make a UID invalid.
fn component() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[0-9]", 8 => "[1-9][0-9]{1,9}", 1 => "0[0-9]{1,4}", 1 => Just(String::new())]
}

/// UIDs of 2 to 76 digits behind the first two components, some of them not valid, each with its padding.
fn uid() -> impl Strategy<Value = String> {
    let roots = vec!["1.2.", "1.3.", "2.16.", "2.25.", "0.0.", "1.2.840.", "1.2.840.10008", "9.99."];
    let end = prop_oneof![Just(""), Just("\0"), Just(" ")];
    let many = (proptest::sample::select(roots), proptest::collection::vec(component(), 1..9))
        .prop_map(|(root, components)| format!("{root}{}", components.join(".")));
    let uuid = any::<u128>().prop_map(|number| format!("2.25.{number}"));
    let long = "1.2.[1-9][0-9]{1,75}";
    (prop_oneof![8 => many, 1 => uuid, 1 => long], end).prop_map(|(text, end)| text + end)
}

fn uids() -> impl Strategy<Value = String> {
    proptest::collection::vec(uid(), 1..4).prop_map(|values| values.join("\\"))
}

/// Identifiers of 2 letters or digits to 42, with what stands between them, and padding.
fn identifier() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => " ?[0-9]{2,42} ?",
        2 => " ?[0-9A-Z]{2,42} ?",
        1 => "[0-9]{43,76}",
        1 => "[0-9A-Z]{43,48}",
        2 => "[0-9A-Za-z]{2,42}\0?",
        2 => "[0-9A-Za-z][-_./ ^:][0-9A-Za-z]([-_./ ^:][0-9A-Za-z]{0,5}){0,5} {0,3}",
    ]
}

fn identifiers() -> impl Strategy<Value = String> {
    proptest::collection::vec(identifier(), 1..4).prop_map(|values| values.join("\\"))
}

fn date() -> impl Strategy<Value = String> {
    let time = prop_oneof![Just(""), Just("12"), Just("1230"), Just("123059"), Just("123059.5"), Just("123059.000001")];
    let zone = prop_oneof![Just(""), Just("+0100"), Just("-1130")];
    let day = (11..=9999_u16, 1..=12_u8, 1..=28_u8);
    prop_oneof![
        (day.clone(), time, zone)
            .prop_map(|((year, month, day), time, zone)| format!("{year:04}{month:02}{day:02}{time}{zone}")),
        day.prop_map(|(year, month, day)| format!("{year:04}.{month:02}.{day:02}")),
    ]
}

fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![Just(b'\\'), Just(b'.'), b'0'..=b'9', any::<u8>()]
}

/// Most of these are days, some are none.
const DAY: &str = "2[0-9]{3}[01][0-9][0-2][0-9]";

/// As PS3.5 §9.1 has it.
fn is_valid(uid: &str) -> bool {
    let uid = uid.trim_end_matches(['\0', ' ']);
    let is_uuid = |number: &str| number.len() < 39 || number.parse::<u128>().is_ok();
    uid.len() <= 64
        && uid.split('.').all(|part| !part.is_empty() && (part == "0" || !part.starts_with('0')))
        && uid.strip_prefix("2.25.").is_none_or(|rest| rest.split('.').next().is_some_and(is_uuid))
}

/// What stays of a text: all but the digits and letters.
fn form(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { '#' } else { letter }).collect()
}

/// The text of the changed bytes, and what the change gave.
fn change<T>(text: &str, change: impl FnOnce(&mut [u8]) -> T) -> (String, T) {
    let mut bytes = text.as_bytes().to_vec();
    let result = change(&mut bytes);
    (String::from_utf8(bytes).unwrap(), result)
}

/// `None` where it is refused: then nothing has changed.
fn encipher_uids(key: &Key, text: &str) -> Option<String> {
    let (output, result) = change(text, |bytes| Uids::new(key).encipher(bytes));
    assert!(result.is_ok() || output == text);
    result.is_ok().then_some(output)
}

fn encipher_identifiers(key: &Key, text: &str) -> String {
    let (output, notes) = change(text, |bytes| Identifiers::new(key).encipher(bytes));
    assert!(notes.unwrap().iter().all(|note| note == Note::ShortDomain));
    output
}

/// As many cases as seconds allow; more with `PROPTEST_CASES`. No file of past failures: what is found becomes a row.
fn config(cases: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(wanted.unwrap_or(cases)) }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn uids_are_deciphered_byte_for_byte(key in key(), text in uids()) {
        if let Some(output) = encipher_uids(&key, &text) {
            let (back, notes) = change(&output, |bytes| Uids::new(&key).decipher(bytes));
            prop_assert!(notes.is_ok());
            prop_assert!(back == text);
        }
    }

    #[test]
    fn a_uid_is_valid_if_it_was(key in key(), text in uid()) {
        if let Some(output) = encipher_uids(&key, &text) {
            prop_assert_eq!(is_valid(&output), is_valid(&text));
            prop_assert_eq!(form(&output), form(&text));
            prop_assert!(output.split('.').take(2).eq(text.split('.').take(2)));
        }
    }

    #[test]
    fn a_uid_becomes_the_same_wherever_it_stands(key in key(), texts in proptest::collection::vec(uid(), 1..4)) {
        let alone: Option<Vec<_>> = texts.iter().map(|text| encipher_uids(&key, text)).collect();
        prop_assert_eq!(encipher_uids(&key, &texts.join("\\")), alone.map(|texts| texts.join("\\")));
    }

    #[test]
    fn a_uid_is_the_same_with_any_padding(key in key(), text in uid()) {
        let bare = text.trim_end_matches(['\0', ' ']);
        let padded = encipher_uids(&key, &format!("{bare}\0 "));
        prop_assert_eq!(padded, encipher_uids(&key, bare).map(|text| text + "\0 "));
    }

    #[test]
    fn registered_uids_stay(key in key(), rest in "[0-9.]{0,40}") {
        let text = format!("1.2.840.10008.{rest}");
        prop_assert_eq!(encipher_uids(&key, &text), Some(text));
    }

    #[test]
    fn identifiers_are_deciphered_byte_for_byte(key in key(), text in identifiers()) {
        let output = encipher_identifiers(&key, &text);
        let (back, notes) = change(&output, |bytes| Identifiers::new(&key).decipher(bytes));
        prop_assert!(notes.is_ok());
        prop_assert!(back == text);
        prop_assert_eq!(form(&output), form(&text));
    }

    #[test]
    fn an_identifier_is_the_same_with_any_padding(key in key(), text in identifier()) {
        let text = text.trim_matches([' ', '\0']);
        let padded = encipher_identifiers(&key, &format!(" {text} \0"));
        prop_assert_eq!(padded, format!(" {} \0", encipher_identifiers(&key, text)));
    }

    #[test]
    fn an_identifier_becomes_the_same_wherever_it_stands(
        key in key(), texts in proptest::collection::vec(identifier(), 1..4)
    ) {
        let alone: Vec<_> = texts.iter().map(|text| encipher_identifiers(&key, text)).collect();
        prop_assert_eq!(encipher_identifiers(&key, &texts.join("\\")), alone.join("\\"));
    }

    #[test]
    fn dates_are_shifted_back_byte_for_byte(days in 1..=3652_u16, texts in proptest::collection::vec(date(), 1..4)) {
        let (days, text) = (Days::new(days).unwrap(), texts.join("\\"));
        let (output, notes) = change(&text, |bytes| days.shift(bytes));
        prop_assert!(notes.is_empty());
        prop_assert_eq!(form(&output), form(&text));
        let (back, notes) = change(&output, |bytes| days.unshift(bytes));
        prop_assert!(notes.is_empty() && back == text);
        for (before, after) in texts.iter().zip(output.split('\\')) {
            let date = if before.get(4..5) == Some(".") { 10 } else { 8 };
            prop_assert!(after < &before[..], "an earlier date");
            prop_assert_eq!(&after[date..], &before[date..]);
        }
    }

    #[test]
    fn the_order_of_dates_stays(days in 1..=3652_u16, a in DAY, b in DAY) {
        let days = Days::new(days).unwrap();
        let ((after_a, notes_a), (after_b, notes_b)) =
            (change(&a, |bytes| days.shift(bytes)), change(&b, |bytes| days.shift(bytes)));
        if notes_a.is_empty() && notes_b.is_empty() {
            prop_assert_eq!(a.cmp(&b), after_a.cmp(&after_b));
        }
    }

    /// Whatever stands in an element: no panic, the same length, separators where they were; refused is unchanged.
    #[test]
    fn any_bytes(key in key(), bytes in proptest::collection::vec(byte(), 0..200)) {
        let separators = |bytes: &[u8]| bytes.iter().map(|byte| *byte == b'\\').collect::<Vec<_>>();
        let mut copies = [bytes.clone(), bytes.clone(), bytes.clone(), bytes.clone(), bytes.clone()];
        let [uids, uids_back, identifiers, identifiers_back, dates] = &mut copies;
        let results = [
            Uids::new(&key).encipher(uids).is_ok(),
            Uids::new(&key).decipher(uids_back).is_ok(),
            Identifiers::new(&key).encipher(identifiers).is_ok(),
            Identifiers::new(&key).decipher(identifiers_back).is_ok(),
            Dates::new(&key).days(&bytes, &bytes).is_none_or(|days| { let _ = days.shift(dates); true }),
        ];
        for (copy, is_done) in copies.iter().zip(results) {
            prop_assert!(separators(copy) == separators(&bytes));
            prop_assert!(is_done || *copy == bytes);
        }
    }
}

/// Among many values of the same form, no two meet, and another key makes something else of nearly all.
#[test]
fn two_values_never_meet() {
    let keys = [[1; 32], [2; 32]].map(|bytes| Key::from_bytes(&bytes).unwrap());
    let [uids, others] = [&keys[0], &keys[1]].map(Uids::new);
    let [identifiers, other_identifiers] = [&keys[0], &keys[1]].map(Identifiers::new);
    let mut met = BTreeMap::new();
    let mut equal = 0;
    for number in 0..3000 {
        for value in [format!("1.2.3.{}.{number:04}", 1000 + number), format!("1.2.3.{}", 100_000 + number)] {
            let output = change(&value, |bytes| uids.encipher(bytes).unwrap()).0;
            equal += usize::from(output == change(&value, |bytes| others.encipher(bytes).unwrap()).0);
            assert_eq!(met.insert(output, value), None);
        }
        for value in [format!("{number:06}"), format!("{number:05}"), format!("MR{number:04}"), format!("{number:04}x")]
        {
            let output = change(&value, |bytes| identifiers.encipher(bytes).unwrap()).0;
            equal += usize::from(output == change(&value, |bytes| other_identifiers.encipher(bytes).unwrap()).0);
            assert_eq!(met.insert(output, value), None);
        }
    }
    assert!(equal < 5, "{equal}");
}

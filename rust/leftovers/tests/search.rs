//! Rows: a value, some bytes, and where the value stands in them.

use dicomblank_leftovers::{Charsets, Hit, Kind, LONGEST, Memory, Search, Uids, Value};

const NAME: (Kind, &[u8]) = (Kind::Name, b"Doe^Jonathan ");
const ID: (Kind, &[u8]) = (Kind::Identifier, b"AB-12345");
const NUMBER: (Kind, &[u8]) = (Kind::Identifier, b"4711081");
const DATE: (Kind, &[u8]) = (Kind::Date, b"19700102");
const PLACE: (Kind, &[u8]) = (Kind::Whole, b"General Hospital ");
const UID: (Kind, &[u8]) = (Kind::Uid, b"1.2.840.113619.2.5\0");

/// The places of all that stands apart, each with its length.
fn found(values: &[(Kind, &[u8])], charsets: &[u8], haystack: &[u8]) -> Vec<(usize, usize)> {
    all(values, charsets, haystack, |hit| hit.is_apart_before && hit.is_apart_behind)
}

fn all(
    values: &[(Kind, &[u8])],
    charsets: &[u8],
    haystack: &[u8],
    is_taken: impl Fn(&Hit) -> bool,
) -> Vec<(usize, usize)> {
    let values: Vec<_> = values.iter().map(|(kind, bytes)| Value { kind: *kind, bytes }).collect();
    let (uids, mut sets) = (Uids::of(&values), Charsets::default());
    sets.add(charsets);
    let search = Search::new(&values, &sets, &uids);
    let mut places = Vec::new();
    search.find(haystack, 0..haystack.len(), &uids, &mut |hit| {
        let taken = is_taken(hit);
        if taken {
            places.push((hit.start, hit.end - hit.start));
        }
        taken
    });
    places
}

fn little(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn big(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[test]
fn each_kind_of_value_is_found_as_it_is_spelled() {
    for (value, spellings) in [
        (
            NAME,
            &[
                "Doe^Jonathan",
                "DOE^JONATHAN",
                "doe^jonathan",
                "Jonathan",
                "JONATHAN",
                "DoeJonathan",
                "JONATHANDOE",
                "Doe, Jonathan",
                "jonathan doe",
                "DOE_JONATHAN",
            ][..],
        ),
        (ID, &["AB-12345", "ab-12345", "Ab-12345"]),
        (NUMBER, &["4711081"]),
        (
            DATE,
            &[
                "19700102",
                "1970-01-02",
                "1970.01.02",
                "1970/01/02",
                "02.01.1970",
                "02/01/1970",
                "02-01-1970",
                "01/02/1970",
                "01-02-1970",
                "02011970",
            ],
        ),
        (PLACE, &["General Hospital", "GENERAL HOSPITAL", "general hospital"]),
        (UID, &["1.2.840.113619.2.5"]),
    ] {
        for spelling in spellings {
            for around in ["", " ", "(", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
                let bytes = format!("{around}{spelling}{around}").into_bytes();
                assert_eq!(found(&[value], b"", &bytes), [(around.len(), spelling.len())], "{spelling}");
            }
            for bytes in [little(&format!("x {spelling} x")), big(&format!("x {spelling} x"))] {
                let places = found(&[value], b"", &bytes);
                assert_eq!((places.len(), places[0].1), (1, 2 * spelling.len() - 1), "{spelling} in UTF-16");
            }
        }
    }
}

#[test]
fn words_and_numbers_end_where_they_end() {
    for (value, bytes, is_found) in [
        (NAME, &b"XJonathan"[..], false),
        (NAME, b"Jonathans", false),
        (NAME, b"Jonathan7", true), // as in the names of folders
        (NAME, b"jOnathan", false), // no case that anybody writes
        (NUMBER, b"14711081", false),
        (NUMBER, b"47110819", false),
        (NUMBER, b"ID4711081x", true),
        (ID, b"XAB-12345", false),
        (DATE, b"119700102", false),
        (DATE, b"197001021", false),
        (DATE, b"19700102123059.123", true), // a value of VR DT
        (DATE, b"19700102996000", false),
        (DATE, b"02.01.1970", true),
        (UID, b"11.2.840.113619.2.5", false),
        (UID, b"1.2.840.113619.2.5.1", false),
        (UID, b"1.2.840.113619.2.5.", true),
        (UID, b"uid=1.2.840.113619.2.5;", true),
    ] {
        for padding in [0, 200] {
            let bytes = [&vec![b'-'; padding], bytes, &vec![b'-'; padding]].concat();
            assert_eq!(!found(&[value], b"", &bytes).is_empty(), is_found, "{:?}", String::from_utf8_lossy(&bytes));
        }
        let wide = little(&String::from_utf8_lossy(bytes));
        assert_eq!(!found(&[value], b"", &wide).is_empty(), is_found, "{:?} in UTF-16", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_is_too_short_is_counted() {
    for (value, not_searched) in [
        ((Kind::Name, &b"Doe"[..]), 1),
        ((Kind::Name, b"Doe^Jo"), 0),
        ((Kind::Name, b"   "), 0),
        ((Kind::Name, b"^^^^"), 0),
        ((Kind::Identifier, b"12345"), 1),
        ((Kind::Identifier, b"0000000"), 1),
        ((Kind::Date, b"1970"), 1),
        ((Kind::Date, b"        "), 0),
        ((Kind::Whole, b"Mayo"), 1),
    ] {
        let values = [Value { kind: value.0, bytes: value.1 }];
        let search = Search::new(&values, &Charsets::default(), &Uids::default());
        assert_eq!(search.not_searched(), not_searched, "{value:?}");
        assert_eq!(search.is_empty(), value.1 != b"Doe^Jo");
    }
}

#[test]
fn accents_and_character_sets() {
    const LATIN: (Kind, &[u8]) = (Kind::Name, b"M\xFCller^J\xF6rg");
    const CYRILLIC: (Kind, &[u8]) = (Kind::Name, b"\xB8\xD2\xD0\xDD\xDE\xD2");
    const JAPANESE: (Kind, &[u8]) = (Kind::Name, b"Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B");
    for (value, sets, texts) in [
        (LATIN, &b"ISO_IR 100"[..], &["Müller", "MÜLLER", "müller", "Mueller", "MUELLER", "MULLER", "Jörg Müller"][..]),
        (LATIN, b"", &["Müller"]), // the set is not named
        (CYRILLIC, b"ISO_IR 144", &["Иванов", "ИВАНОВ"]),
        (JAPANESE, b"\\ISO 2022 IR 87", &["Yamada", "山田太郎", "山田^太郎"]),
    ] {
        for text in texts {
            for bytes in [text.as_bytes().to_vec(), little(text), big(text)] {
                let bytes = [b"(", &bytes[..], b")"].concat();
                assert_eq!(found(&[value], sets, &bytes).len(), 1, "{text}");
            }
        }
    }
    for bytes in [&b"M\xFCller"[..], b"M\xDCLLER", b"Mu\xCC\x88ller"] {
        assert_eq!(found(&[LATIN], b"ISO_IR 100", bytes), [(0, bytes.len())]);
    }
    assert_eq!(found(&[CYRILLIC], b"ISO_IR 144", b"\xB8\xB2\xB0\xBD\xBE\xB2").len(), 1); // capitals in its own set
    assert_eq!(found(&[JAPANESE], b"", b"x=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B").len(), 1); // a group of it
    assert_eq!(found(&[JAPANESE], b"", JAPANESE.1), [(0, 12), (13, 21)]); // as the bytes stand, whatever they say: its two groups
}

/// Of places that overlap the first is taken, and of those that begin together the longest; what is not taken hides none.
#[test]
fn places_do_not_overlap() {
    let values = [NAME, (Kind::Name, b"Jonathan^Doe^X"), NUMBER];
    assert_eq!(found(&values, b"", b"Doe^Jonathan Jonathan^Doe^X 4711081"), [(0, 12), (13, 14), (28, 7)]);
    let taken = all(&[NAME], b"", b"Doe^Jonathan", |hit| hit.start > 0);
    assert_eq!(taken, [(4, 8)]);
    let taken = all(&[NAME], b"", b"Doe^Jonathan", |hit| hit.end < 12);
    assert_eq!(taken, []);
}

#[test]
fn pieces_with_some_bytes_around_them_find_what_the_whole_does() {
    let values: Vec<_> = [NAME, ID, DATE, UID].iter().map(|(kind, bytes)| Value { kind: *kind, bytes }).collect();
    let (uids, charsets) = (Uids::of(&values), Charsets::default());
    let search = Search::new(&values, &charsets, &uids);
    let text = "Doe^Jonathan, 02.01.1970 ab-12345 1.2.840.113619.2.5 19700102120000 x".repeat(3);
    let haystack = [text.as_bytes(), &little(&text), &big(&text)].concat();
    let places = |size: usize| {
        let mut places = Vec::new();
        for start in (0..haystack.len()).step_by(size) {
            let end = (start + size).min(haystack.len());
            let (first, last) = (start.saturating_sub(LONGEST), (end + LONGEST).min(haystack.len()));
            search.find(&haystack[first..last], start - first..end - first, &uids, &mut |hit| {
                let is_new = places.last().is_none_or(|(_, end)| hit.start + first >= *end);
                let taken = is_new && hit.is_apart_before && hit.is_apart_behind;
                if taken {
                    places.push((hit.start + first, hit.end + first));
                }
                taken
            });
        }
        places
    };
    let whole = places(haystack.len());
    assert_eq!(whole.len(), 45);
    for size in [1, 2, 7, 50, 500] {
        assert_eq!(places(size), whole, "{size}");
    }
}

/// Work grows with the bytes alone: a value that stands everywhere, and thousands of values that begin alike.
#[test]
fn hostile_values_cost_linear_time() {
    let many: Vec<Vec<u8>> = (0..4000).map(|number| format!("AAAA{number:04}").into_bytes()).collect();
    let many: Vec<(Kind, &[u8])> = many.iter().map(|bytes| (Kind::Identifier, bytes.as_slice())).collect();
    let name: &[(Kind, &[u8])] = &[(Kind::Name, b"AAAA^AAAA")];
    let digits: &[(Kind, &[u8])] = &[(Kind::Date, b"19701010"), (Kind::Uid, b"1.1.1.1.1.1.1.1")];
    let haystacks = [vec![b'A'; 1 << 15], b"AAAA ".repeat(6_000), b"1970".repeat(1 << 13), b"1.".repeat(1 << 14)];
    for values in [name, digits, &many] {
        for haystack in &haystacks {
            let begin = std::time::Instant::now();
            let half = found(values, b"", &haystack[..haystack.len() / 2]).len();
            let took = begin.elapsed();
            let whole = found(values, b"", haystack).len();
            assert!((2 * half).abs_diff(whole) <= 2);
            assert!(took.as_secs() < 20, "{took:?}");
        }
    }
}

#[test]
fn a_remembered_search_is_the_one_that_would_be_made() {
    let mut memory = Memory::default();
    let names: Vec<String> = (0..20).map(|number| format!("Person{number:03}")).collect();
    for round in 0..3 {
        for name in &names {
            let values = [Value { kind: Kind::Name, bytes: name.as_bytes() }];
            let (uids, charsets) = (Uids::of(&values), Charsets::default());
            let search = memory.search(&values, &charsets, &uids).unwrap();
            for other in &names {
                let mut count = 0;
                search.find(other.as_bytes(), 0..other.len(), &uids, &mut |_| {
                    count += 1;
                    true
                });
                assert_eq!(count, usize::from(other == name), "{round}");
            }
        }
    }
}

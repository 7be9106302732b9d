//! The committed table of keys, values and results: what machines, versions and languages agree on. A row is added, and
//! none is changed: files that were pseudonymized stand behind it.

use dicomblank_pseudonym::{Dates, Identifiers, Key, Uids};

const TABLE: &str = include_str!("../../../tests/data/pseudonyms.csv");

fn key(hex: &str) -> Key {
    let digits: Vec<_> = hex.chars().map(|letter| u8::try_from(letter.to_digit(16).unwrap()).unwrap()).collect();
    Key::from_bytes(&digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect::<Vec<_>>()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn result(kind: &str, key: &Key, value: &str) -> String {
    let mut bytes = value.as_bytes().to_vec();
    match kind {
        "key-id" => return key.id().to_string(),
        "mark" => return hex(&key.check_of_mark(value.as_bytes())),
        "days-of-patient" => return Dates::new(key).days(value.as_bytes(), b"1.2.3").unwrap().count().to_string(),
        "days-of-study" => return Dates::new(key).days(b"", value.as_bytes()).unwrap().count().to_string(),
        "uid" => Uids::new(key).encipher(&mut bytes).unwrap(),
        "identifier" => Identifiers::new(key).encipher(&mut bytes).unwrap(),
        _ => panic!("no such kind: {kind}"),
    };
    String::from_utf8(bytes).unwrap()
}

#[test]
fn each_row() {
    let mut rows = TABLE.lines();
    assert_eq!(rows.next(), Some("kind,key,value,result"));
    let mut count = 0;
    for row in rows {
        let [kind, hex, value, expected] = row.split(',').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(result(kind, &key(hex), value), expected, "{kind}, row {count}");
        count += 1;
    }
    assert_eq!(count, 80);
}

#[test]
fn each_pseudonym_is_revealed() {
    for row in TABLE.lines() {
        let columns: Vec<_> = row.split(',').collect();
        let mut bytes = columns[3].as_bytes().to_vec();
        match columns[0] {
            "uid" => Uids::new(&key(columns[1])).decipher(&mut bytes).unwrap(),
            "identifier" => Identifiers::new(&key(columns[1])).decipher(&mut bytes).unwrap(),
            _ => continue,
        };
        assert_eq!(bytes, columns[2].as_bytes());
    }
}

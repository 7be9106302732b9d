//! How long one keyed value takes: FF1 alone, and a value in its place.

use std::hint::black_box;

use aes::Aes256;
use criterion::{Criterion, criterion_group, criterion_main};
use dicomblank_pseudonym::ff1::Ff1;
use dicomblank_pseudonym::{Dates, Days, Identifiers, Key, Memory, Radix, Secrets, Uids};

fn ff1(criterion: &mut Criterion) {
    let ff1 = Ff1::<Aes256>::new(&[7; 32].into());
    let mut group = criterion.benchmark_group("ff1");
    for (name, radix, length, tweak) in [
        ("10 digits", Radix::Ten, 10, 0),
        ("40 digits", Radix::Ten, 40, 0),
        ("40 digits, tweak of 12", Radix::Ten, 40, 12),
        ("58 digits, tweak of 12", Radix::Ten, 58, 12),
        ("10 of 36", Radix::ThirtySix, 10, 0),
        ("48 of 36", Radix::ThirtySix, 48, 0),
        ("42 of 62", Radix::SixtyTwo, 42, 0),
    ] {
        let mut numerals = vec![3_u8; length];
        let tweak = vec![5_u8; tweak];
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let permutation = ff1.over(radix, length, black_box(&tweak)).unwrap();
                permutation.write(permutation.encipher(permutation.read(&numerals)), black_box(&mut numerals));
            });
        });
    }
    group.finish();
}

/// Each result is the next value, so that one value's luck with its class says nothing.
fn values(criterion: &mut Criterion) {
    let key = Key::from_bytes(&[7; 32]).unwrap();
    let uids = Uids::new(&key);
    let mut group = criterion.benchmark_group("uid");
    for (name, uid) in [
        ("18 digits", "1.2.840.113619.2.55.3.604688"),
        ("40 digits", "1.2.840.113619.2.312.3596.11861984.26869.1411036203.7981"),
        ("40 digits in two components", "1.3.123456789012345678901234567890.1234567890"),
        ("of a UUID", "2.25.329800735698586629295641978511506172918"),
    ] {
        let mut bytes = uid.as_bytes().to_vec();
        group.bench_function(name, |bencher| bencher.iter(|| uids.encipher(black_box(&mut bytes)).unwrap()));
    }
    group.finish();

    let identifiers = Identifiers::new(&key);
    let (secrets, mut memory) = (Secrets::new(Key::from_bytes(&[7; 32]).unwrap()), Memory::default());
    criterion.bench_function("uid, remembered", |bencher| {
        bencher.iter(|| {
            let mut bytes = *b"1.2.840.113619.2.312.3596.11861984.26869.1411036203.7981";
            memory.encipher_uids(&secrets, black_box(&mut bytes)).unwrap()
        });
    });

    let mut group = criterion.benchmark_group("identifier");
    for identifier in ["12345678", "MR0012345", "123-45-6789 "] {
        let mut bytes = identifier.as_bytes().to_vec();
        group.bench_function(identifier, |bencher| {
            bencher.iter(|| identifiers.encipher(black_box(&mut bytes)).unwrap());
        });
    }
    group.finish();

    let dates = Dates::new(&key);
    let mut group = criterion.benchmark_group("date");
    group.bench_function("days of a patient", |bencher| bencher.iter(|| dates.days(black_box(b"12345678"), b"")));
    let days = Days::new(1000).unwrap();
    for date in ["20240229", "20240229123059.123456+0100"] {
        group.bench_function(date, |bencher| {
            bencher.iter(|| {
                let mut bytes = [0; 26];
                let bytes = &mut bytes[..date.len()];
                bytes.copy_from_slice(date.as_bytes());
                days.shift(black_box(bytes))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, ff1, values);
criterion_main!(benches);

//! How long one keyed value takes: FF1 alone, and a value in its place.

use std::hint::black_box;

use aes::Aes256;
use criterion::{Criterion, criterion_group, criterion_main};
use dicomblank_pseudonym::Radix;
use dicomblank_pseudonym::ff1::Ff1;

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

criterion_group!(benches, ff1);
criterion_main!(benches);

//! Strings of numerals as numbers below 2^128, and remainders of such numbers (SP 800-38G §4.5, algorithms 1 and 3).

/// How many different numerals there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Radix {
    /// The digits.
    Ten,
    /// The digits and the capitals.
    ThirtySix,
    /// The digits, the capitals and the small letters.
    SixtyTwo,
}

impl Radix {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Ten, Self::ThirtySix, Self::SixtyTwo];

    /// The number itself.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Ten => 10,
            Self::ThirtySix => 36,
            Self::SixtyTwo => 62,
        }
    }

    /// The longest string of numerals that FF1 enciphers here: its halves have to be numbers below 2^127.
    #[must_use]
    pub const fn max_length(self) -> usize {
        match self {
            Self::Ten => 76,
            Self::ThirtySix => 48,
            Self::SixtyTwo => 42,
        }
    }

    /// The radix to the power of `exponent`; `None` where that is not below 2^127.
    pub(crate) fn power(self, exponent: usize) -> Option<&'static Modulus> {
        match self {
            Self::Ten => TEN.get(exponent),
            Self::ThirtySix => THIRTY_SIX.get(exponent),
            Self::SixtyTwo => SIXTY_TWO.get(exponent),
        }
    }

    /// The number that the numerals are, the first one the most significant.
    pub(crate) fn read(self, numerals: &[u8]) -> u128 {
        match self {
            Self::Ten => read::<10, 19>(numerals),
            Self::ThirtySix => read::<36, 12>(numerals),
            Self::SixtyTwo => read::<62, 10>(numerals),
        }
    }

    /// Writes the number as numerals, the first one the most significant.
    pub(crate) fn write(self, number: u128, numerals: &mut [u8]) {
        match self {
            Self::Ten => write::<10, 19>(number, numerals),
            Self::ThirtySix => write::<36, 12>(number, numerals),
            Self::SixtyTwo => write::<62, 10>(number, numerals),
        }
    }
}

/// `WORD` numerals are the most that 64 bits hold: most of the work is done in such words.
fn read<const RADIX: u64, const WORD: usize>(numerals: &[u8]) -> u128 {
    let modulus = const { Modulus::new(power(RADIX, WORD)) };
    numerals.rchunks(WORD).rev().fold(0, |number, word| {
        let word = word.iter().fold(0_u64, |word, numeral| word.wrapping_mul(RADIX).wrapping_add(u64::from(*numeral)));
        modulus.value.wrapping_mul(number).wrapping_add(u128::from(word))
    })
}

fn write<const RADIX: u64, const WORD: usize>(mut number: u128, numerals: &mut [u8]) {
    let modulus = const { Modulus::new(power(RADIX, WORD)) };
    for word in numerals.rchunks_mut(WORD) {
        let (quotient, rest) = modulus.divide(number);
        number = quotient;
        let mut rest = low(rest);
        // Two numerals at a time: each division waits for the one before it.
        for pair in word.rchunks_mut(2) {
            let two = rest.checked_rem(RADIX.wrapping_mul(RADIX)).unwrap_or(0);
            rest = rest.checked_div(RADIX.wrapping_mul(RADIX)).unwrap_or(0);
            if let [.., last] = pair {
                *last = u8::try_from(two.checked_rem(RADIX).unwrap_or(0)).unwrap_or(0); // below the radix
            }
            if let [last_but_one, _] = pair {
                *last_but_one = u8::try_from(two.checked_div(RADIX).unwrap_or(0)).unwrap_or(0); // as well
            }
        }
    }
}

/// A number to divide by, and its reciprocals: a division of 128 bits by 128 takes longer than AES does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Modulus {
    value: u128,
    /// 2^128 / value, rounded down.
    reciprocal: u128,
    /// 2^(63 + the bits of the value) / value, rounded down: 64 bits, the first of which is 1.
    scaled: u64,
    /// How many bits the value has.
    bits: u32,
}

impl Modulus {
    /// Of a value below 2^127 that is no power of two, but for 1.
    const fn new(value: u128) -> Self {
        // Where the value divides 2^128, this is too small by one: which `divide` mends in any case.
        let reciprocal = match u128::MAX.checked_div(value) {
            Some(reciprocal) => reciprocal,
            None => 0,
        };
        // Long division, bit by bit. The compiler does it.
        let bits = 128_u32.saturating_sub(value.leading_zeros());
        let mut rest = 1_u128 << bits.saturating_sub(1);
        let mut scaled = 0_u64;
        let mut left = 64;
        while left > 0 {
            rest <<= 1;
            scaled <<= 1;
            if rest >= value {
                rest = rest.wrapping_sub(value);
                scaled |= 1;
            }
            left = i32::saturating_sub(left, 1);
        }
        Self { value, reciprocal, scaled, bits }
    }

    /// How many bits a number below this one has.
    pub(crate) const fn bits(&self) -> u32 {
        self.bits
    }

    /// Quotient and remainder. The quotient by the reciprocal is right or one too small (Barrett's reduction).
    pub(crate) fn divide(&self, number: u128) -> (u128, u128) {
        let quotient = high_product(number, self.reciprocal);
        let rest = number.wrapping_sub(quotient.wrapping_mul(self.value));
        match rest.checked_sub(self.value) {
            Some(rest) => (quotient.wrapping_add(1), rest),
            None => (quotient, rest),
        }
    }

    /// The remainder. Most of the time of a round that isn't AES's goes by here.
    pub(crate) fn reduce(&self, number: u128) -> u128 {
        if self.bits < 66 {
            return self.divide(number).1;
        }
        // The quotient has less than 63 bits, and 64 of each number tell it: it is right or one too small.
        let quotient = u128::from(high(number)).wrapping_mul(u128::from(self.scaled));
        let quotient = quotient.wrapping_shr(self.bits.wrapping_sub(1));
        let rest = number.wrapping_sub(quotient.wrapping_mul(self.value));
        rest.checked_sub(self.value).unwrap_or(rest)
    }

    /// The remainder of the number of 160 bits whose first 128 leave `rest`, and whose last 32 are `low`. For a modulus
    /// of more than 64 bits.
    pub(crate) fn extend(&self, rest: u128, low: u32) -> u128 {
        // 64 bits of the rest and 64 of the reciprocal tell the quotient, which has 32: it is right or one too small.
        let first = u128::from(self::low(rest.wrapping_shr(self.bits.wrapping_sub(64))));
        let quotient = first.wrapping_mul(u128::from(self.scaled)) >> 95;
        let number = (rest << 32) | u128::from(low); // without its first bits, which the difference doesn't have
        let rest = number.wrapping_sub(quotient.wrapping_mul(self.value));
        rest.checked_sub(self.value).unwrap_or(rest)
    }

    /// The sum of two numbers below the modulus, as such a number.
    pub(crate) fn add(&self, a: u128, b: u128) -> u128 {
        let sum = a.wrapping_add(b); // both are below 2^127
        sum.checked_sub(self.value).unwrap_or(sum)
    }

    /// The difference of two numbers below the modulus, as such a number.
    pub(crate) fn subtract(&self, a: u128, b: u128) -> u128 {
        a.checked_sub(b).unwrap_or_else(|| a.wrapping_add(self.value).wrapping_sub(b))
    }
}

/// The upper 128 bits of the product.
fn high_product(a: u128, b: u128) -> u128 {
    let times = |a: u64, b: u64| u128::from(a).wrapping_mul(u128::from(b)); // 64 by 64 bits always fit
    let ((a_high, a_low), (b_high, b_low)) = ((high(a), low(a)), (high(b), low(b)));
    let (upper, lower) = (times(a_high, b_low), times(a_low, b_high));
    let carry =
        u128::from(high(times(a_low, b_low))).wrapping_add(u128::from(low(upper))).wrapping_add(u128::from(low(lower)));
    times(a_high, b_high)
        .wrapping_add(u128::from(high(upper)))
        .wrapping_add(u128::from(high(lower)))
        .wrapping_add(u128::from(high(carry)))
}

/// The upper half.
#[allow(clippy::as_conversions, clippy::cast_possible_truncation)] // the one thing that `as` does: 64 bits of 128
const fn high(number: u128) -> u64 {
    (number >> 64) as u64
}

/// The lower half.
#[allow(clippy::as_conversions, clippy::cast_possible_truncation)] // as above
const fn low(number: u128) -> u64 {
    number as u64
}

#[allow(clippy::as_conversions)] // widening, and `u128::from` is not const
const fn power(radix: u64, exponent: usize) -> u128 {
    let mut value = 1_u128;
    let mut left = exponent;
    while left > 0 {
        value = value.saturating_mul(radix as u128);
        left = left.saturating_sub(1);
    }
    value
}

static TEN: [Modulus; 39] = powers(10);
static THIRTY_SIX: [Modulus; 25] = powers(36);
static SIXTY_TWO: [Modulus; 22] = powers(62);

#[allow(clippy::indexing_slicing)] // the compiler runs it: what is out of bounds does not build
const fn powers<const N: usize>(radix: u64) -> [Modulus; N] {
    let mut all = [Modulus::new(1); N];
    let mut exponent = 0;
    while exponent < N {
        all[exponent] = Modulus::new(power(radix, exponent));
        exponent = exponent.saturating_add(1);
    }
    all
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // what the modulus is compared with
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_power_is_below_half_of_what_128_bits_hold() {
        for radix in Radix::ALL {
            for exponent in 0..=radix.max_length().div_ceil(2) {
                let modulus = radix.power(exponent).unwrap();
                assert_eq!(modulus.value, u128::from(radix.number()).pow(u32::try_from(exponent).unwrap()));
                assert!(modulus.value < 1 << 127);
            }
            assert_eq!(radix.power(radix.max_length() / 2 + 1), None);
        }
    }

    #[test]
    fn bits() {
        for (exponent, bits) in [(1, 4), (2, 7), (20, 67), (38, 127)] {
            assert_eq!(Radix::Ten.power(exponent).unwrap().bits(), bits);
        }
    }

    /// The numbers beside which a quotient changes, and any.
    fn number(modulus: u128) -> impl Strategy<Value = u128> {
        let multiple = (any::<u128>(), 0..3_u128)
            .prop_map(move |(any, more)| (any / modulus).saturating_mul(modulus).saturating_add(more).wrapping_sub(1));
        prop_oneof![any::<u128>(), multiple, Just(u128::MAX), 0..2_u128]
    }

    fn modulus() -> impl Strategy<Value = &'static Modulus> {
        (0..3_usize, 0..39_usize)
            .prop_filter_map("no such power", |(radix, exponent)| Radix::ALL[radix].power(exponent))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn division_is_that_of_the_compiler(
            (modulus, number) in modulus().prop_flat_map(|modulus| (Just(modulus), number(modulus.value)))
        ) {
            prop_assert_eq!(modulus.divide(number), (number / modulus.value, number % modulus.value));
            prop_assert_eq!(modulus.reduce(number), number % modulus.value);
        }

        #[test]
        fn a_number_of_160_bits_is_reduced_as_bit_by_bit(
            modulus in modulus().prop_filter("of 64 bits or less", |modulus| modulus.bits() > 64),
            upper: u128,
            lower: u32,
        ) {
            let slow = (0..32).rev().fold(upper % modulus.value, |rest, bit| {
                (rest * 2 + u128::from(lower >> bit & 1)) % modulus.value
            });
            prop_assert_eq!(modulus.extend(modulus.reduce(upper), lower), slow);
        }

        #[test]
        fn sums_and_differences_stay_below(modulus in modulus(), a: u128, b: u128) {
            let (a, b) = (a % modulus.value, b % modulus.value);
            prop_assert_eq!(modulus.add(a, b), (a + b) % modulus.value);
            prop_assert_eq!(modulus.add(modulus.subtract(a, b), b), a);
        }

        #[test]
        fn a_number_is_read_as_it_was_written(radix in 0..3_usize, number: u128, length in 1..39_usize) {
            let radix = Radix::ALL[radix];
            let length = length.min(radix.max_length() / 2);
            let number = radix.power(length).unwrap().reduce(number);
            let mut numerals = vec![0; length];
            radix.write(number, &mut numerals);
            prop_assert!(numerals.iter().all(|numeral| *numeral < radix.number()));
            prop_assert_eq!(radix.read(&numerals), number);
        }
    }
}

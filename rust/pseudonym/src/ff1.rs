//! FF1 (NIST SP 800-38G §5.1, algorithms 7 and 8) over AES (FIPS 197): a permutation of the strings of numerals of one
//! length, chosen by a key and a tweak.
//!
//! The halves of a string are numbers of 128 bits, which is what limits its length; nothing is allocated. What makes it
//! fast: the pseudorandom function is a chain of AES blocks (§4.5, algorithm 6) of which all but the last, or last two,
//! are equal in every round, and are enciphered once, in [`Ff1::over`]; what follows the tweak in a block is a number, and
//! is added to it as one; remainders are taken by reciprocals; and all ten rounds are one piece of code that has AES
//! instructions in it, without a call or a question whether there are any.

use core::fmt;

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, InOut, Key, KeyInit,
};

use crate::number::{Modulus, Radix};

/// FF1 under one key. `C` is AES of any size of key; its key schedule is zeroized when this is dropped.
pub struct Ff1<C> {
    cipher: C,
}

impl<C: KeyInit> Ff1<C> {
    /// Under this key.
    #[must_use]
    pub fn new(key: &Key<C>) -> Self {
        Self { cipher: C::new(key) }
    }
}

impl<C> fmt::Debug for Ff1<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ff1")
    }
}

/// What FF1 is not defined for, here: fewer than two numerals, more than [`Radix::max_length`], a tweak of 2^32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfDomain;

impl<C: BlockCipherEncrypt<BlockSize = U16>> Ff1<C> {
    /// The permutation of the strings of `length` numerals. The standard asks for 100 such strings or more (§5.1), and
    /// recommends 10^6 (appendix A): that is left to the caller.
    pub fn over(&self, radix: Radix, length: usize, tweak: &[u8]) -> Result<Permutation<'_, C>, OutOfDomain> {
        let left = length / 2;
        let right = length.saturating_sub(left);
        if left == 0 {
            return Err(OutOfDomain);
        }
        let [left, right] = [left, right].map(|half| Some((u8::try_from(half).ok()?, radix.power(half)?)));
        let ((left_length, left), (_, right)) = left.zip(right).ok_or(OutOfDomain)?;
        let length = u32::try_from(length).map_err(|_| OutOfDomain)?;
        let tweak_length = u32::try_from(tweak.len()).map_err(|_| OutOfDomain)?;

        // Steps 3 to 5. A half takes `bytes` bytes, of which there are at most 16.
        let bytes = right.bits().div_ceil(8);
        let shape = match bytes {
            0..=4 => Shape::OneBlock { drop: 64 },
            5..=8 => Shape::OneBlock { drop: 32 },
            9..=12 => Shape::OneBlock { drop: 0 },
            13..=15 => Shape::LongOutput,
            _ => Shape::LongBoth,
        };
        let [n0, n1, n2, n3] = length.to_be_bytes();
        let [t0, t1, t2, t3] = tweak_length.to_be_bytes();
        let first = [1, 2, 1, 0, 0, radix.number(), 10, left_length, n0, n1, n2, n3, t0, t1, t2, t3];

        // Step 6 i as far as it is the same in each round: the tweak and zeros, up to the last `bytes` + 1 bytes.
        let blocks = tweak.len().saturating_add(usize::try_from(bytes).map_err(|_| OutOfDomain)?) / 16;
        let equal = match shape {
            Shape::LongBoth => blocks.saturating_sub(1),
            Shape::OneBlock { .. } | Shape::LongOutput => blocks,
        };
        let mut stream = tweak.iter().copied().chain(core::iter::repeat(0));
        let mut next = || u128::from_be_bytes(core::array::from_fn(|_| stream.next().unwrap_or(0)));
        let mut state = encrypt(&self.cipher, u128::from_be_bytes(first));
        for _ in 0..equal {
            state = encrypt(&self.cipher, state ^ next());
        }
        state ^= next();
        Ok(Permutation { cipher: &self.cipher, radix, left, right, bytes, shape, state })
    }
}

fn encrypt<C: BlockCipherEncrypt<BlockSize = U16>>(cipher: &C, block: u128) -> u128 {
    let mut block: Block<C> = Array(block.to_be_bytes());
    cipher.encrypt_block(&mut block);
    u128::from_be_bytes(block.0)
}

/// How many blocks a round takes.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// One block in, and all but the last `drop` bits of one block out: halves of at most 12 bytes.
    OneBlock { drop: u32 },
    /// One block in and 20 bytes out: halves of 13 to 15 bytes.
    LongOutput,
    /// Two blocks in, as the round's number and a half of 16 bytes take 17, and 20 bytes out.
    LongBoth,
}

/// Enciphering, or deciphering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From a value to its pseudonym.
    There,
    /// From the pseudonym to the value.
    Back,
}

/// The two halves of a string of numerals, as numbers. Of an odd number of numerals the second half has one more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Halves {
    left: u128,
    right: u128,
}

/// One permutation of the strings of one length over one radix.
pub struct Permutation<'a, C> {
    cipher: &'a C,
    radix: Radix,
    left: &'static Modulus,
    right: &'static Modulus,
    bytes: u32,
    shape: Shape,
    /// The chain over all that is the same in each round; of the last block the tweak's part is in it already.
    state: u128,
}

impl<C: BlockCipherEncrypt<BlockSize = U16>> Permutation<'_, C> {
    /// The halves of these numerals, each of which is below the radix.
    #[must_use]
    pub fn read(&self, numerals: &[u8]) -> Halves {
        let (left, right) = numerals.split_at_checked(numerals.len() / 2).unwrap_or_default();
        Halves { left: self.radix.read(left), right: self.radix.read(right) }
    }

    /// Writes the halves as numerals, as many as were read.
    pub fn write(&self, halves: Halves, numerals: &mut [u8]) {
        let middle = numerals.len() / 2;
        if let Some((left, right)) = numerals.split_at_mut_checked(middle) {
            self.radix.write(halves.left, left);
            self.radix.write(halves.right, right);
        }
    }

    /// Enciphers (algorithm 7).
    #[must_use]
    pub fn encipher(&self, mut halves: Halves) -> Halves {
        self.cipher.encrypt_with_backend(Rounds::<_, true> { of: self, halves: &mut halves });
        halves
    }

    /// Deciphers (algorithm 8).
    #[must_use]
    pub fn decipher(&self, mut halves: Halves) -> Halves {
        self.cipher.encrypt_with_backend(Rounds::<_, false> { of: self, halves: &mut halves });
        halves
    }

    /// Enciphers or deciphers the numerals, again and again until they are of their class (cycle walking). If they are
    /// of the class before, it ends, as the permutation leads back to where it began; and it permutes the class.
    pub fn walk(&self, numerals: &mut [u8], way: Way, is_of_class: impl Fn(&[u8]) -> bool) {
        let mut halves = self.read(numerals);
        loop {
            halves = match way {
                Way::There => self.encipher(halves),
                Way::Back => self.decipher(halves),
            };
            self.write(halves, numerals);
            if is_of_class(numerals) {
                return;
            }
        }
    }

    /// Steps 6 i to vi: what is added to one half in round `round`, from the other half.
    #[allow(clippy::inline_always)] // as of the caller
    #[inline(always)]
    fn addend<B: BlockCipherEncBackend<BlockSize = U16>>(
        &self,
        backend: &B,
        round: u8,
        half: u128,
        modulus: &Modulus,
    ) -> u128 {
        let round = u128::from(round);
        let one_block = self.state ^ round.wrapping_shl(self.bytes.wrapping_mul(8)) ^ half;
        let output = match self.shape {
            Shape::OneBlock { drop } => return modulus.reduce(aes(backend, one_block).wrapping_shr(drop)),
            Shape::LongOutput => aes(backend, one_block),
            Shape::LongBoth => aes(backend, aes(backend, self.state ^ round) ^ half),
        };
        let [b0, b1, b2, b3, ..] = aes(backend, output ^ 1).to_be_bytes();
        modulus.extend(modulus.reduce(output), u32::from_be_bytes([b0, b1, b2, b3]))
    }
}

#[allow(clippy::inline_always)] // as of the caller's caller
#[inline(always)]
fn aes<B: BlockCipherEncBackend<BlockSize = U16>>(backend: &B, block: u128) -> u128 {
    let input: Array<u8, U16> = Array(block.to_be_bytes());
    let mut output = Array([0; 16]);
    backend.encrypt_block(InOut::from((&input, &mut output)));
    u128::from_be_bytes(output.0)
}

/// The ten rounds (step 6), run where AES instructions are known to be there: asking once and not ten times.
struct Rounds<'a, 'b, C, const FORWARD: bool> {
    of: &'a Permutation<'b, C>,
    halves: &'a mut Halves,
}

impl<C, const FORWARD: bool> BlockSizeUser for Rounds<'_, '_, C, FORWARD> {
    type BlockSize = U16;
}

impl<C: BlockCipherEncrypt<BlockSize = U16>, const FORWARD: bool> BlockCipherEncClosure for Rounds<'_, '_, C, FORWARD> {
    #[allow(clippy::inline_always)] // only inside its caller is AES a few instructions, and not a call
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { of, halves: Halves { left, right } } = self;
        // Two rounds at a time: after them each half stands where it stood.
        if FORWARD {
            for round in [0, 2, 4, 6, 8] {
                *left = of.left.add(*left, of.addend(backend, round, *right, of.left));
                *right = of.right.add(*right, of.addend(backend, round | 1, *left, of.right));
            }
        } else {
            for round in [8, 6, 4, 2, 0] {
                *right = of.right.subtract(*right, of.addend(backend, round | 1, *left, of.right));
                *left = of.left.subtract(*left, of.addend(backend, round, *right, of.left));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // of numbers that the tests choose
mod tests {
    use std::collections::BTreeSet;

    use aes::{Aes128, Aes192, Aes256};
    use fpe::ff1::{FF1, FlexibleNumeralString};
    use proptest::prelude::*;

    use super::*;

    /// What the permutation makes of the numerals, after it has shown that deciphering gives them back.
    fn encipher<C>(ff1: &Ff1<C>, radix: Radix, tweak: &[u8], numerals: &[u8]) -> Vec<u8>
    where
        C: BlockCipherEncrypt<BlockSize = U16>,
    {
        let permutation = ff1.over(radix, numerals.len(), tweak).unwrap();
        let mut output = numerals.to_vec();
        permutation.write(permutation.encipher(permutation.read(numerals)), &mut output);
        let mut back = output.clone();
        permutation.write(permutation.decipher(permutation.read(&output)), &mut back);
        assert_eq!(back, numerals);
        output
    }

    fn hex(text: &str) -> Vec<u8> {
        let digit = |letter: &u8| u8::try_from(char::from(*letter).to_digit(16).unwrap()).unwrap();
        text.as_bytes().chunks(2).map(|pair| digit(&pair[0]) * 16 + digit(&pair[1])).collect()
    }

    /// The nine samples of "FF1 Samples", NIST Cryptographic Standards and Guidelines: key, radix, tweak, plaintext and
    /// ciphertext.
    #[rustfmt::skip]
    const SAMPLES: [(&str, Radix, &str, &str, &str); 9] = [
        ("2B7E151628AED2A6ABF7158809CF4F3C", Radix::Ten, "", "0123456789", "2433477484"),
        ("2B7E151628AED2A6ABF7158809CF4F3C", Radix::Ten, "39383736353433323130", "0123456789", "6124200773"),
        ("2B7E151628AED2A6ABF7158809CF4F3C", Radix::ThirtySix, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
        ("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", Radix::Ten, "", "0123456789", "2830668132"),
        ("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", Radix::Ten, "39383736353433323130", "0123456789", "2496655549"),
        ("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F", Radix::ThirtySix, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
        ("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", Radix::Ten, "", "0123456789", "6657667009"),
        ("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", Radix::Ten, "39383736353433323130", "0123456789", "1001623463"),
        ("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94", Radix::ThirtySix, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
    ];

    #[test]
    fn the_nine_samples_of_nist() {
        for (key, radix, tweak, plaintext, ciphertext) in SAMPLES {
            let (key, tweak) = (hex(key), hex(tweak));
            let [plaintext, ciphertext] = [plaintext, ciphertext].map(|text| -> Vec<u8> {
                text.chars().map(|letter| u8::try_from(letter.to_digit(36).unwrap()).unwrap()).collect()
            });
            let output = match key.len() {
                16 => encipher(&Ff1::<Aes128>::new(&Array::try_from(&key[..]).unwrap()), radix, &tweak, &plaintext),
                24 => encipher(&Ff1::<Aes192>::new(&Array::try_from(&key[..]).unwrap()), radix, &tweak, &plaintext),
                _ => encipher(&Ff1::<Aes256>::new(&Array::try_from(&key[..]).unwrap()), radix, &tweak, &plaintext),
            };
            assert_eq!(output, ciphertext, "AES-{}, tweak of {} bytes", key.len() * 8, tweak.len());
        }
    }

    #[test]
    fn small_domains_are_permuted() {
        let ff1 = Ff1::<Aes256>::new(&Array([7; 32]));
        for (radix, lengths) in [(Radix::Ten, 2..=4), (Radix::ThirtySix, 2..=3), (Radix::SixtyTwo, 2..=2)] {
            for length in lengths {
                let permutation = ff1.over(radix, length, b"tweak").unwrap();
                let count = u128::from(radix.number()).pow(u32::try_from(length).unwrap());
                let mut met = BTreeSet::new();
                let mut numerals = vec![0; length];
                for number in 0..count {
                    radix.write(number, &mut numerals);
                    let before = permutation.read(&numerals);
                    let after = permutation.encipher(before);
                    assert!(permutation.decipher(after) == before, "{radix:?}, {length}: number {number}");
                    permutation.write(after, &mut numerals);
                    assert!(met.insert(radix.read(&numerals)), "{radix:?}, {length}: met twice");
                }
                assert_eq!(met.last().copied(), Some(count - 1));
            }
        }
    }

    #[test]
    fn what_is_out_of_the_domain() {
        let ff1 = Ff1::<Aes256>::new(&Array([7; 32]));
        for radix in Radix::ALL {
            for (length, is_in) in [(0, false), (1, false), (2, true), (radix.max_length(), true)] {
                assert_eq!(ff1.over(radix, length, &[]).is_ok(), is_in, "{radix:?}, {length}");
            }
            for length in [radix.max_length() + 1, 1000, usize::MAX] {
                assert_eq!(ff1.over(radix, length, &[]).err(), Some(OutOfDomain), "{radix:?}, {length}");
            }
        }
    }

    /// A feature of the crate aes, without which this does not build.
    #[test]
    fn a_key_schedule_is_zeroized() {
        fn is_zeroized<C: zeroize::ZeroizeOnDrop>() {}
        is_zeroized::<Aes256>();
        is_zeroized::<sha2::Sha256>();
    }

    #[test]
    fn the_key_does_not_show() {
        assert_eq!(format!("{:?}", Ff1::<Aes256>::new(&Array([7; 32]))), "Ff1");
    }

    /// Every length of every radix that fpe takes: 10^6 strings or more.
    fn strings() -> impl Iterator<Item = (Radix, usize)> {
        [(Radix::Ten, 6), (Radix::ThirtySix, 4), (Radix::SixtyTwo, 4)]
            .into_iter()
            .flat_map(|(radix, shortest)| (shortest..=radix.max_length()).map(move |length| (radix, length)))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(8) })]

        #[test]
        fn each_length_is_enciphered_as_by_another_implementation(
            key: [u8; 32],
            tweak in proptest::collection::vec(any::<u8>(), 0..70),
            random in proptest::collection::vec(any::<u8>(), 76),
        ) {
            let ff1 = Ff1::<Aes256>::new(&Array(key));
            for (radix, length) in strings() {
                let numerals: Vec<u8> = random[..length].iter().map(|byte| byte % radix.number()).collect();
                let other = FF1::<Aes256>::new(&key, u32::from(radix.number())).unwrap();
                let theirs = FlexibleNumeralString::from(numerals.iter().copied().map(u16::from).collect::<Vec<_>>());
                let theirs: Vec<u16> = other.encrypt(&tweak, &theirs).unwrap().into();
                let ours: Vec<u16> =
                    encipher(&ff1, radix, &tweak, &numerals).into_iter().map(u16::from).collect();
                prop_assert_eq!(ours, theirs, "{:?}, {} numerals", radix, length);
            }
        }
    }
}

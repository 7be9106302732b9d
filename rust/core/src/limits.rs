//! What one file may cost. A limit is spent, never just compared, so that nothing is counted twice or forgotten.

use crate::error::ErrorKind;

/// Budgets for one source. Each number says where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of sequences. Structured reports reach about ten. pydicom, whose reader recurses, gives up between 100
    /// and 200 levels: this is twice what its users can read.
    pub depth: u32,
    /// Headers read, those of failed tries included. A DICOMDIR of a million records has about twenty million; at some
    /// 30 ns each the limit bounds a hostile file to seconds. For a small source the limit is lower: 4 times the
    /// headers of 8 bytes that it has room for. Tries inside tries double the work at each level, and this keeps it in
    /// proportion to the size. Two levels that fail in both syntaxes fit; real files have one. Looks ahead have a
    /// budget of their own, which grows with the size as well.
    pub elements: u64,
    /// Values to blank. An edit is 24 bytes, and the item that holds it at most 12 more, which keeps a plan below 20
    /// MB.
    pub edits: u32,
    /// Values and items of which the places may be kept: each takes 24 bytes at most, which keeps it below 100 MB. Only a DICOMDIR
    /// of some two hundred thousand records has more.
    pub sites: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 384, elements: 64 * 1024 * 1024, edits: 512 * 1024, sites: 4 * 1024 * 1024 }
    }
}

/// What is left of what a source may cost.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) headers: Headers,
    pub(crate) looks: Looks,
}

impl Budget {
    /// What a source of `size` bytes may cost.
    pub(crate) fn new(limits: &Limits, size: u64) -> Self {
        /// No header is shorter (PS3.5 §7.1).
        const HEADER: u64 = 8;
        const TIMES: u64 = 4;
        /// Looks are cheaper than headers, and a value that is tried takes some for each item.
        const LOOKS: u64 = 16;
        /// Every source may have so many.
        const LEAST: u64 = 4096;
        let per_header = |times: u64| limits.elements.min(times.saturating_mul(size.div_ceil(HEADER)));
        let (headers, looks) = (per_header(TIMES), per_header(LOOKS).max(LEAST));
        Self {
            headers: Headers { left: headers, limit: headers },
            looks: Looks { left: looks, limit: looks, near: 0, zeros: (0, 0) },
        }
    }

    /// Pays for one header.
    #[inline]
    pub(crate) fn spend(&mut self) -> Result<(), ErrorKind> {
        self.headers.spend()
    }
}

/// Headers that may still be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headers {
    left: u64,
    limit: u64,
}

impl Headers {
    /// Pays for one.
    #[inline]
    pub(crate) fn spend(&mut self) -> Result<(), ErrorKind> {
        self.left = self.left.checked_sub(1).ok_or(ErrorKind::TooManyElements { limit: self.limit })?;
        Ok(())
    }
}

/// What may still be kept of a source, one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    left: u32,
    limit: u32,
}

impl Count {
    pub(crate) const fn new(limit: u32) -> Self {
        Self { left: limit, limit }
    }

    /// Pays for one.
    #[inline]
    pub(crate) fn spend(&mut self) -> Result<(), ErrorKind> {
        self.left = self.left.checked_sub(1).ok_or(ErrorKind::TooManyElements { limit: u64::from(self.limit) })?;
        Ok(())
    }
}

/// Looks ahead that may still be taken.
#[derive(Debug)]
pub(crate) struct Looks {
    left: u64,
    limit: u64,
    /// Where was looked last.
    near: u64,
    /// The last zeros that were looked through: where they begin and end. Many looks may come to the same black pixels.
    zeros: (u64, u64),
}

impl Looks {
    /// Pays for a look at `at`: as for a header where that is near the last look, and as for many elsewhere, since a
    /// window has to be read.
    pub(crate) fn spend(&mut self, at: u64) -> Result<(), ErrorKind> {
        const WINDOW: u64 = 4096;
        /// So many headers are walked in the time of such a read, on a busy machine.
        const FAR: u64 = 256;
        let is_near = at.abs_diff(self.near) < WINDOW;
        self.near = at;
        self.take(if is_near { 1 } else { FAR })
    }

    /// Pays for `count` bytes that are looked through.
    pub(crate) fn spend_bytes(&mut self, count: u64) -> Result<(), ErrorKind> {
        /// Zeros and tags are found many times as fast as headers are read.
        const BYTES: u64 = 64;
        self.take(count.div_ceil(BYTES))
    }

    /// How many zeros are known to stand from `at` on: they need not be paid for again.
    pub(crate) fn zeros_from(&self, at: u64) -> u64 {
        let (start, end) = self.zeros;
        if (start..end).contains(&at) { end.saturating_sub(at) } else { 0 }
    }

    /// Notes that zeros stand from `start` to `end`.
    pub(crate) fn note_zeros(&mut self, start: u64, end: u64) {
        if self.zeros_from(start) == 0 {
            self.zeros = (start, end);
        }
    }

    fn take(&mut self, count: u64) -> Result<(), ErrorKind> {
        self.left = self.left.checked_sub(count).ok_or(ErrorKind::TooManyElements { limit: self.limit })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_paid_for() {
        let mut looks = Budget::new(&Limits::default(), 0).looks;
        assert_eq!(looks.left, 4096);
        for (at, price) in [(0, 1), (4095, 1), (0, 1), (4096, 256), (1, 1), (1 << 40, 256), ((1 << 40) - 4096, 256)] {
            let before = looks.left;
            looks.spend(at).unwrap();
            assert_eq!((at, before - looks.left), (at, price));
        }
        for (count, price) in [(0, 0), (1, 1), (64, 1), (65, 2)] {
            let before = looks.left;
            looks.spend_bytes(count).unwrap();
            assert_eq!((count, before - looks.left), (count, price));
        }
        assert!(looks.spend_bytes(64 * looks.left).is_ok() && looks.spend_bytes(1).is_err());
    }
}

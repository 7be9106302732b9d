//! A short list that allocates nothing, and is zeroized: what is enciphered stands in one.

use zeroize::Zeroize;

/// At most `MOST` bytes.
pub(crate) struct Short<const MOST: usize> {
    bytes: [u8; MOST],
    length: usize,
}

impl<const MOST: usize> Short<MOST> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; MOST], length: 0 }
    }

    /// Adds one; `None` where there is no room.
    pub(crate) fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length = self.length.saturating_add(1);
        Some(())
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.length).unwrap_or_default()
    }
}

impl<const MOST: usize> Drop for Short<MOST> {
    fn drop(&mut self) {
        self.as_mut_slice().zeroize();
    }
}

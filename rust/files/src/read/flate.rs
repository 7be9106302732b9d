//! One call of flate2, and how much it did.

use flate2::{Compress, Decompress, FlushCompress, FlushDecompress, Status};

/// Bytes read, inflated, deflated and written at a time.
pub(crate) const CHUNK: usize = 64 * 1024;

/// What one call of flate2 did.
pub(crate) struct Step {
    /// Bytes of the input that it read.
    pub(crate) taken: usize,
    /// Bytes of output that it wrote.
    pub(crate) made: usize,
    /// Whether the stream ended.
    pub(crate) is_end: bool,
}

impl Step {
    /// Inflates what fits into `output`. `None` if these are no bytes of a deflate stream.
    pub(crate) fn inflate(inflater: &mut Decompress, input: &[u8], output: &mut [u8]) -> Option<Self> {
        let before = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress(input, output, FlushDecompress::None).ok()?;
        Self::new(before, (inflater.total_in(), inflater.total_out()), status)
    }

    /// Deflates what fits into `output`. `None` on an error of the library.
    pub(crate) fn deflate(
        deflater: &mut Compress,
        input: &[u8],
        output: &mut [u8],
        flush: FlushCompress,
    ) -> Option<Self> {
        let before = (deflater.total_in(), deflater.total_out());
        let status = deflater.compress(input, output, flush).ok()?;
        Self::new(before, (deflater.total_in(), deflater.total_out()), status)
    }

    fn new(before: (u64, u64), after: (u64, u64), status: Status) -> Option<Self> {
        let taken = usize::try_from(after.0 - before.0).ok()?;
        let made = usize::try_from(after.1 - before.1).ok()?;
        Some(Self { taken, made, is_end: status == Status::StreamEnd })
    }
}

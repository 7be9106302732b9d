//! Who has reserved the private blocks of the data set or item at hand, and of those around it (PS3.5 §7.8.1).

/// Innermost last.
#[derive(Default)]
pub(super) struct Blocks(Vec<Reserved>);

struct Reserved {
    depth: usize,
    group: u16,
    block: u8,
    creator: u16,
}

/// More are not remembered at a time: the elements of the others count as of unknown creators. A file with all modules
/// of a vendor has some ten.
const MOST: usize = 256;

impl Blocks {
    pub(super) fn reserve(&mut self, depth: usize, group: u16, block: u8, creator: u16) {
        if self.0.len() < MOST {
            self.0.push(Reserved { depth, group, block, creator });
        }
    }

    /// The creator that has reserved a block last.
    pub(super) fn creator(&self, depth: usize, group: u16, block: u8) -> Option<u16> {
        let is_it = |reserved: &&Reserved| (reserved.depth, reserved.group, reserved.block) == (depth, group, block);
        self.0.iter().rev().find(is_it).map(|reserved| reserved.creator)
    }

    /// The walk leaves everything that is inside more than `depth` sequences.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.0.last().is_some_and(|reserved| reserved.depth > depth) {
            self.0.pop();
        }
    }
}

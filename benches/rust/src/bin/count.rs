//! What callgrind counts: the core plans and blanks each file named, from memory, once.
//!
//!     count FILE...

use dicomblank_core::{Limits, Rules, SliceSink, SliceSource, Tag, apply, plan};

/// The level anonymize-full.
const BLANKED: [(u16, u16); 19] = [
    (0x0008, 0x0020),
    (0x0008, 0x0021),
    (0x0008, 0x0022),
    (0x0008, 0x0023),
    (0x0008, 0x0030),
    (0x0008, 0x0031),
    (0x0008, 0x0032),
    (0x0008, 0x0033),
    (0x0008, 0x0080),
    (0x0008, 0x0081),
    (0x0008, 0x0090),
    (0x0008, 0x1010),
    (0x0008, 0x1030),
    (0x0008, 0x1050),
    (0x0008, 0x1070),
    (0x0010, 0x0010),
    (0x0010, 0x0020),
    (0x0010, 0x0030),
    (0x0010, 0x1030),
];

fn main() {
    let rules = Rules::new(BLANKED.map(|(group, element)| Tag::new(group, element)), [])
        .expect("the level's tags can be rules");
    for path in std::env::args_os().skip(1) {
        let mut data = std::fs::read(&path).expect("the file can be read");
        assert!(counted(&mut data, &rules) > 0, "nothing was blanked");
    }
}

/// callgrind counts inside this function alone (`--toggle-collect`).
#[inline(never)]
fn counted(data: &mut [u8], rules: &Rules) -> usize {
    let plan = plan(&mut SliceSource::new(data), rules, &Limits::default()).expect("the file can be walked");
    apply(&plan, &mut SliceSink::new(data)).expect("a slice can be written");
    plan.edits().len()
}

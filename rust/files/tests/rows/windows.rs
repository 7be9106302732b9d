//! The end of a window at every byte of a file: headers and values lie across each of them.

use dicomblank_core::Limits;

use crate::build::*;
use crate::check::{marks, plan_of, rules};
use crate::road::{ORDINARY, by_file, with_file};

/// Long and short headers, items, a value that is tried, fragments, and a name wherever one can be.
fn file_of(b: Build, uid: &str) -> Unit {
    let item = |len| b.item(len, [b.sex(), b.name()]);
    file(
        uid,
        [
            b.el(CHARSET, "CS", "ISO_IR 100"),
            b.name(),
            b.el(TEXT, "UT", [b'x'; 30]),
            b.seq(CONTENT, Undefined, [item(Defined), item(Undefined)]),
            b.holds(PRIVATE, "UN", Defined, [item(Defined)]),
            b.holds(PRIVATE, "UN", Defined, [b.item(Claims(99), [])]),
            b.fragments(Undefined, [b.fragment([]), b.fragment([1; 9])]),
            b.name(),
        ],
    )
}

#[test]
fn an_edge_at_every_byte() {
    let (names, limits) = (rules([NAME], []), Limits::default());
    for (b, uid) in ALL {
        let unit = file_of(b, uid);
        let expected = plan_of(&unit.bytes, &names, &limits);
        assert_eq!(expected.as_ref().map(|plan| marks(plan.edits())), Ok(unit.marks.clone()));
        with_file(&unit.bytes, |path| {
            for edge in 0..=unit.len() {
                for sizes in [[edge, 1, 1], [edge, 4096, 64 * 1024], [0, edge, edge], [7, edge, 8]] {
                    assert_eq!(by_file(path, &names, &limits, sizes), expected, "{b:?}, windows {sizes:?}");
                }
            }
        });
    }
}

/// The same at the ends of the windows that runs have. Before each stands a value that ends there, or some bytes before
/// or behind.
#[test]
fn the_edges_of_ordinary_windows() {
    let (names, limits) = (rules([NAME], []), Limits::default());
    let [head, hop, run] = ORDINARY;
    for (b, uid) in ALL {
        let first = file(uid, [b.el(CHARSET, "CS", "ISO_IR 100"), b.name()]);
        let header = b.header(PRIVATE, "OB", 0).len();
        // Behind a hop a window begins with a header, here in front of the second value.
        for edge in [head, head + run, head + run + 40_000 + hop] {
            for beside in 0..=header + 8 + 8 {
                let length = edge - first.len() - header - beside;
                let filler = b.el(PRIVATE, "OB", vec![b'x'; length]);
                let short = b.el(PRIVATE, "OB", [1; 6]);
                let unit = join([first.clone(), filler, short.clone(), b.name(), short, b.name()]);
                let expected = plan_of(&unit.bytes, &names, &limits);
                assert_eq!(expected.as_ref().map(|plan| marks(plan.edits())), Ok(unit.marks.clone()));
            }
        }
    }
}

//! A run that writes over what is left, killed after each change of the disk: nothing is left that the next run can't find.

use super::killed::{Case, MARKED, file, fresh, undisturbed};
use super::recovery::{self, Unfinished};
use crate::order::choices::Syncing;
use crate::report::outcome::Outcome;
use crate::testing::Scratch;
use crate::unix::steps;

/// Files with their values in private ones as well, before and behind: what is behind is found by what is before alone.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let text = b" Jane DOE 1234567 1.2.34567890 ";
    [("one page", 100_u32), ("two pages", 4000), ("far apart", 20_000), ("behind the first bytes", 70_000)]
        .into_iter()
        .map(|(what, behind)| {
            let mut bytes = file(MARKED, &[100]);
            let before = bytes.windows(40).position(|sevens| sevens == [7; 40]).unwrap();
            bytes[before..before + text.len()].copy_from_slice(text);
            bytes.extend(b"\x21\0\x01\x10OB\0\0");
            bytes.extend(behind.to_le_bytes());
            bytes.resize(bytes.len() + behind as usize - text.len(), 7);
            bytes.extend(text);
            (what, bytes)
        })
        .collect()
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[test]
fn what_is_left_is_written_over_whenever_a_run_is_killed() {
    for (what, bytes) in files() {
        for sync in [Syncing::None, Syncing::All] {
            for case in [Case::replacing(sync).blanking(), Case::replacing(sync)] {
                let after = undisturbed(&case, &bytes);
                for text in [&b"Jane"[..], b"1234567", b"1.2.34567890"] {
                    assert!(holds(&bytes, text) && !holds(&after, text), "{what}");
                }
                let scratch = Scratch::new();
                let folder = &scratch.path("");
                for changes in 0.. {
                    let at = format!("{what}, {sync:?}, killed after {changes}");
                    fresh(&scratch, &bytes);
                    let (done, is_killed) = steps::killed_after(changes, || case.run(folder));
                    if !is_killed {
                        assert!(done.is_ok() && changes > 0, "{at}");
                        break;
                    }
                    recovery::finish(folder, &Unfinished::default());
                    let again = case.run(folder).unwrap().outcome;
                    assert!(matches!(again, Outcome::Anonymized | Outcome::Unchanged), "{at}");
                    assert!(scratch.read("in/file") == after, "{at}: something is left");
                    assert_eq!(scratch.names(), ["in"], "{at}");
                }
            }
        }
    }
}

//! The validator of a run is asked about each plan, and about each file that is no DICOM file to the core.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::common::*;
use dicomblank_core::Plan;
use dicomblank_files::{Objection, Validate};

/// Notes what it is asked about.
struct Notes {
    objection: Option<Objection>,
    asked: Mutex<Vec<(&'static str, PathBuf)>>,
}

impl Validate for Notes {
    fn plan(&self, path: &Path, _: &Plan) -> Result<(), Objection> {
        self.asked.lock().unwrap().push(("plan", path.to_owned()));
        Ok(())
    }

    fn not_dicom(&self, path: &Path) -> Result<(), Objection> {
        self.asked.lock().unwrap().push(("not dicom", path.to_owned()));
        self.objection.clone().map_or(Ok(()), Err)
    }
}

#[test]
fn a_file_that_is_not_dicom_is_asked_of_and_may_be_refused() {
    for (objection, expected) in [
        (None, ("not-dicom", "")),
        (Some(Objection::Disagrees("so".to_owned())), ("refused", "so")),
        (Some(Objection::Broke("so".to_owned())), ("failed", "so")),
        (Some(Objection::Interrupted), ("failed", "interrupted: nothing was written")),
    ] {
        for has_output in [false, true] {
            let scratch = Scratch::new();
            let text = scratch.write("in/text", b"nothing medical");
            let scan = scratch.write("in/scan", &named(b"Doe^Jane"));
            // It is refused for its name: that needs no second opinion.
            scratch.write("in/broken.dcm", b"nothing medical");
            let output = has_output.then(|| scratch.path("out"));
            let notes = Notes { objection: objection.clone(), asked: Mutex::default() };
            let (rows, _) = run_with(order(&[scratch.path("in")], output), Some(&notes));
            assert_eq!(rows[1..], [row("scan", "anonymized", ""), row("text", expected.0, expected.1)]);
            let mut asked = notes.asked.into_inner().unwrap();
            asked.sort_unstable();
            assert_eq!(asked, [("not dicom", text), ("plan", scan)]);
        }
    }
}

/// A small copy is made, and naming it tells whether there is one already. A large one is not made, and nobody need
/// look at its plan.
#[test]
fn a_large_file_whose_copy_is_there_is_refused_before_it_is_asked_of() {
    let large = || dicom(&[element(NAME, "PN", b"Doe^Jane"), element(PIXELS, "OW", &vec![7; 256 * 1024])]);
    for (bytes, is_asked_of) in [(named(b"Doe^Jane"), true), (large(), false)] {
        let scratch = Scratch::new();
        let scan = scratch.write("in/scan", &bytes);
        scratch.write("out/scan", b"there");
        let notes = Notes { objection: None, asked: Mutex::default() };
        let (rows, _) = run_with(order(&[scratch.path("in")], Some(scratch.path("out"))), Some(&notes));
        let reason = format!("{} exists already", scratch.path("out/scan").display());
        assert_eq!(rows, [row("scan", "refused", &reason)]);
        assert_eq!(notes.asked.into_inner().unwrap(), if is_asked_of { vec![("plan", scan)] } else { vec![] });
    }
}

//! The umask belongs to the whole process: this test has a process of its own.

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use common::{NAME, Scratch, deflated_dicom, element, named, order, row, run};
use rustix::fs::Mode;
use rustix::process::umask;

/// As with `cp`, the umask takes bits from a copy as from every new file. A copy gets no set-user-ID bit or the like.
#[test]
fn a_copy_has_the_mode_of_its_source_as_far_as_the_umask_allows() {
    let scratch = Scratch::new();
    for (mask, mode, expected) in [
        (0o022, 0o664, 0o644),
        (0o077, 0o664, 0o600),
        (0o007, 0o777, 0o770),
        (0o000, 0o666, 0o666),
        (0o002, 0o6775, 0o775),
        (0o277, 0o644, 0o400),
    ] {
        for bytes in [named(b"Doe^Jane"), deflated_dicom(&[element(NAME, "PN", b"Doe^Jane")])] {
            let path = scratch.write("a.dcm", &bytes);
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let before = umask(Mode::from_raw_mode(mask));
            let rows = run(order(&[&path], Some(scratch.path("out"))));
            assert_eq!(umask(before), Mode::from_raw_mode(mask), "it stays what it was");
            assert_eq!(rows, [row("a.dcm", "anonymized", "")]);
            let found = fs::metadata(scratch.path("out/a.dcm")).unwrap().mode() & 0o7777;
            assert_eq!(found, expected, "{mode:o} under {mask:o}");
            // The file in place has the mode that it had.
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, mode);
            fs::remove_dir_all(scratch.path("out")).unwrap();
            fs::remove_file(path).unwrap();
        }
    }
}

//! Content of git-annex is refused in place, whichever path leads to it. It can be copied.

use crate::common::*;

const REASON: &str = "is content of git-annex, under the checksum of its bytes: copy it, or run git annex unlock on the file and name that";

#[test]
fn content_of_git_annex_is_refused_in_place() {
    // The named source, and the path below it.
    for (source, below, is_refused) in [
        ("clone", ".git/annex/objects/X1/k/k", true),
        ("clone/.git", "annex/objects/X1/k/k", true),
        ("clone/.git/annex/objects/X1/k/k", "", true),
        ("bare.git/annex", "objects/X1/k/k", true),
        ("bare.git", "annex/objects/X1/k/k", true),
        ("clone", ".git/annex/unused/k", false),
        ("clone", "annex/objects/X1/k/k", false),
        ("clone/.gitea/annex/objects", "k", false),
    ] {
        let scratch = Scratch::new();
        let relative = if below.is_empty() { source.to_owned() } else { format!("{source}/{below}") };
        scratch.write(&relative, &named(b"Doe^Jane"));
        let path = if below.is_empty() { "k" } else { below };
        let expected = if is_refused { row(path, "refused", REASON) } else { row(path, "anonymized", "") };
        assert_eq!(run(order(&[scratch.path(source)], None)), [expected], "{relative}");
        let found = if is_refused { named(b"Doe^Jane") } else { blanked(8) };
        assert_eq!(scratch.read(&relative), found, "{relative}");

        // A second run has nothing to write. And it can be copied.
        let copied = run(order(&[scratch.path(source)], Some(scratch.path("out"))));
        assert_eq!(copied[0].1, if is_refused { "anonymized" } else { "unchanged" }, "{relative}");
    }
}

#[test]
fn content_that_is_blank_already_is_unchanged() {
    let scratch = Scratch::new();
    scratch.write("clone/.git/annex/objects/k", &blanked(8));
    let expected = row(".git/annex/objects/k", "unchanged", "");
    assert_eq!(run(order(&[scratch.path("clone")], None)), [expected]);
}

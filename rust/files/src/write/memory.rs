//! Files in memory: bytes that are planned and blanked, also those of a deflated file.

use std::path::Path;

use dicomblank_core::{Limits, Plan, Rules, SliceSource, plan, resolve};

use crate::error::FileError;
use crate::read::dry_run::DryRun;
use crate::read::inflated::{Inflated, LIMIT, Stored, Turns, edit};
use crate::read::keyed::Keying;
use crate::read::planned::{Planned, Ready, once};
use crate::read::rewriting::Rewriting;
use crate::watch::Watch;
use crate::write::deflated::deflated;
use crate::write::rewritten::{result, stored};

/// The edits that blanking `bytes` would make, or what is told of a rewrite. If the data set is deflated, their offsets
/// count in the inflated form.
///
/// # Errors
/// [`FileError`], as of [`plan_file`](crate::plan_file), but none of the system.
pub fn plan_bytes(bytes: &[u8], rules: &Rules) -> Result<Plan, FileError> {
    let watch = &Watch::default();
    if rules.rewrite() {
        return Ok(rewriting_of(bytes, rules, &Keying::none(), watch)?.into_told().0);
    }
    Ok(planned(bytes, rules, watch)?.into_plan())
}

/// The dry run: the same, with how far each value is.
///
/// # Errors
/// [`FileError`], as of [`dry_run`](crate::dry_run()), but none of the system.
pub fn dry_run_bytes(bytes: &[u8], rules: &Rules, keying: &Keying) -> Result<DryRun, FileError> {
    let watch = &Watch::default();
    if rules.rewrite() {
        let rewriting = rewriting_of(bytes, rules, keying, watch)?;
        let [mut source, again] = [SliceSource::new(bytes); 2];
        return Ok(DryRun::of_rewriting(
            rewriting,
            (&mut source, again),
            rules,
            &mut keying.with(&mut keying.memory()),
        )?);
    }
    let planned = planned(bytes, rules, watch)?;
    let mut memory = keying.memory();
    let keyed = &mut keying.with(&mut memory);
    Ok(DryRun::of(planned, &mut SliceSource::new(bytes), rules, keyed, |_, _, _| Ok(()))?)
}

/// Edits `bytes` where they stand. The plan has what was noticed on the way.
///
/// # Errors
/// [`FileError`], as of [`plan_bytes`], and of a value that can't become what the rules say. A deflated data set is an
/// error, too: [`Deflated`](dicomblank_core::ErrorKind::Deflated). On an error no byte has changed.
pub fn blank_buffer(bytes: &mut [u8], rules: &Rules, keying: &Keying) -> Result<Plan, FileError> {
    let plan = plan(&mut SliceSource::new(bytes), rules, &Limits::default())?;
    if keying.marks().is_none() {
        // As it is: what is padding already becomes padding.
        let patch = resolve(&plan, rules, &mut SliceSource::new(bytes), &mut keying.with(&mut keying.memory()))?;
        edit(bytes, &plan, &patch, None)?;
        return Ok(plan);
    }
    let ready = ready(Planned::AsItStands(plan.clone()), &mut SliceSource::new(bytes), (rules, keying))?;
    edit(bytes, ready.planned.plan(), &ready.patch, ready.marks)?;
    Ok(plan.noticed(ready.warnings()))
}

/// Edits `bytes` where they stand. Those of a deflated file stay: the edited file has another length and is returned,
/// or `None` if nothing is left to edit.
///
/// # Errors
/// [`FileError`], as of [`blank_buffer`], and [`FileError::Interrupted`] if `watch` gave up.
pub fn blank_bytes(
    bytes: &mut [u8],
    rules: &Rules,
    keying: &Keying,
    watch: &Watch,
) -> Result<Option<Vec<u8>>, FileError> {
    let planned = planned(bytes, rules, watch)?;
    let Ready { planned, patch, marks, .. } = ready(planned, &mut SliceSource::new(bytes), (rules, keying))?;
    match planned {
        Planned::AsItStands(plan) => edit(bytes, &plan, &patch, marks).map(|()| None),
        Planned::Inflated(plan, _) if plan.edits().is_empty() => Ok(None),
        Planned::Inflated(plan, mut inflated) => {
            inflated.edit(&plan, &patch, marks)?;
            deflated(&inflated, watch).map(Some)
        }
    }
}

fn planned(bytes: &[u8], rules: &Rules, watch: &Watch) -> Result<Planned, FileError> {
    Planned::of(&mut SliceSource::new(bytes), rules, |_, data_set| {
        // No turn is taken. The caller may hold Python's lock, and the thread that has the turn may wait for that lock.
        let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored, limit: LIMIT };
        Inflated::read(&stored, data_set)
    })
}

/// What `bytes` become by rules that change lengths: the bytes of a new file.
///
/// # Errors
/// [`FileError`] where the bytes can't be walked, a value can't become what the rules say, or the result would not read
/// back as that; and [`FileError::Interrupted`] if `watch` gave up.
pub fn rewrite_bytes(bytes: &[u8], rules: &Rules, keying: &Keying, watch: &Watch) -> Result<Vec<u8>, FileError> {
    let mut source = SliceSource::new(bytes);
    let rewriting = rewriting_of(bytes, rules, keying, watch)?;
    let mut memory = keying.memory();
    let pieces = rewriting.pieces(&mut source, rules, &mut keying.with(&mut memory))?;
    drop(memory);
    rewriting.check(&pieces, &mut source, SliceSource::new(bytes), rules)?;
    let result = result(&rewriting, &pieces, bytes)?;
    drop(pieces);
    stored(rewriting, result, watch)
}

/// What becomes of bytes. No turn is taken, for the reason that `planned` gives.
fn rewriting_of(bytes: &[u8], rules: &Rules, keying: &Keying, watch: &Watch) -> Result<Rewriting, FileError> {
    Rewriting::of(&mut SliceSource::new(bytes), rules, keying, |_, data_set| {
        let stored = Stored { bytes: &bytes, path: Path::new(""), watch, turns: Turns::Ignored, limit: LIMIT };
        Inflated::read(&stored, data_set)
    })
}

/// What is left to write, and what it is.
fn ready<'k>(
    planned: Planned,
    source: &mut SliceSource<'_>,
    (rules, keying): (&Rules, &'k Keying),
) -> Result<Ready<'k>, FileError> {
    let marked = planned.marked(source, keying)?;
    let left = planned.left_of(planned.plan(), source, (rules, once(marked)))?;
    let mut memory = keying.memory();
    let mut keyed = keying.with(&mut memory);
    Ok(planned.resolve((&left, marked), source, rules, &mut keyed)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dicomblank_core::{Additions, Insert, Selector, Tag, Treatment, Vr};

    use super::*;
    use crate::testing::{deflated as deflated_sample, sample};

    const NAME: Tag = Tag::new(0x0010, 0x0010);
    const METHOD: Tag = Tag::new(0x0012, 0x0063);

    fn rules(treatment: Treatment) -> Rules {
        let method = Insert::text(METHOD, Vr::LO, "by a test").unwrap();
        let additions = Additions::new("1.2.3", "TEST", vec![method]).unwrap();
        Rules::with([(Selector::Tag(NAME), treatment)]).unwrap().adding(Arc::new(additions))
    }

    fn rewritten(bytes: &[u8], treatment: Treatment) -> Result<Vec<u8>, FileError> {
        let rules = rules(treatment);
        let keying = Keying::new(&rules, None);
        rewrite_bytes(bytes, &rules, &keying, &Watch::default())
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn a_name_goes_and_a_method_comes() {
        let (bytes, _) = sample();
        assert!(holds(&bytes, b"\x10\0\x10\0LO"));
        let result = rewritten(&bytes, Treatment::Remove).unwrap();
        assert!(!holds(&result, b"\x10\0\x10\0LO") && holds(&result, b"by a test "));
    }

    #[test]
    fn a_deflated_file_is_deflated_again() {
        let watch = Watch::default();
        let stored = deflated_sample();
        let result = rewritten(&stored, Treatment::Empty).unwrap();
        let inflated = |bytes: &[u8]| {
            let offset = match rewritten(bytes, Treatment::Keep) {
                Ok(_) => dicomblank_core::plan(
                    &mut SliceSource::new(bytes),
                    &Rules::new([], []).unwrap(),
                    &Limits::default(),
                ),
                Err(error) => panic!("{error:?}"),
            };
            let offset = offset.unwrap_err().offset;
            let stored =
                Stored { bytes: &bytes, path: Path::new(""), watch: &watch, turns: Turns::Ignored, limit: LIMIT };
            Inflated::read(&stored, offset).unwrap().bytes().to_vec()
        };
        let (before, after) = (inflated(&stored), inflated(&result));
        assert!(holds(&before, b"\x10\0\x10\0PN\x08\0Doe") && !holds(&before, b"by a test "));
        assert!(holds(&after, b"\x10\0\x10\0PN\0\0") && holds(&after, b"by a test "));
        assert!(!holds(&result, b"by a test "));
    }

    #[test]
    fn what_cannot_be_rewritten_is_an_error() {
        let (bytes, _) = sample();
        assert!(matches!(rewritten(&bytes[..bytes.len() - 3], Treatment::Remove), Err(FileError::Core(_))));
        let rules = Rules::new([NAME], []).unwrap();
        let cancelled = Watch::when(|| true);
        let stored = deflated_sample();
        let found = rewrite_bytes(&stored, &rules, &Keying::none(), &cancelled);
        assert!(matches!(found, Err(FileError::Interrupted)));
    }
}

//! Copying a file, blanked on its way. No value that is to be blanked ever reaches the disk of the target, and no
//! unfinished file ever has its final name.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use dicomblank_core::{ApplyError, Marks, Patch, Sink, apply_patch};

use super::existing::{EXISTS, ExistingCopies, Wanted, exists};
use crate::error::FileError;
use crate::order::choices::{Existing, Syncing};
use crate::order::inputs::Kind;
use crate::order::place::{Located, Place};
use crate::read::opened::{FileSource, Opened, until_untouched};
use crate::read::planned::{Planned, Ready, once};
use crate::report::outcome::Fate;
use crate::unix;
use crate::watch::{Pulse, Watch};
use crate::write::copy_sink::{CHUNK, CopySink};
use crate::write::deflated::deflate;
use crate::write::new_files::{NewFiles, Put};
use crate::write::output::Output;
use crate::write::pieces::To;
use crate::write::rewritten::{Body, Made, made, result};
use crate::write::temporary::Temporary;
use crate::write::tools::Tools;
use crate::write::transfer::Transfer;
use crate::write::validator::ask;

/// What one worker needs to copy one file after the other.
pub(crate) struct Copier<'a> {
    output: &'a Output,
    /// Asked while a copy is written: it is dropped when the run is cancelled.
    watch: Watch,
    new_files: NewFiles,
    chunk: Box<[u8]>,
    /// Bytes of a rewritten file on their way.
    gathered: Vec<u8>,
    existing: ExistingCopies<'a>,
}

impl<'a> Copier<'a> {
    pub(crate) fn new(output: &'a Output, pulse: &Arc<Pulse>) -> Self {
        let chunk = vec![0; CHUNK].into_boxed_slice();
        let existing = ExistingCopies::new(output, Watch::of(pulse));
        let watch = Watch::of(pulse);
        Self { output, watch, new_files: NewFiles::default(), chunk, gathered: Vec::new(), existing }
    }

    /// Copies a file, blanked.
    pub(crate) fn copy(&mut self, file: Located<'_>, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        until_untouched(|| self.attempt(file, tools))
    }

    fn attempt(&mut self, file: Located<'_>, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        let Tools { rules, keyed, windows, counter, validator, looking, .. } = tools;
        let Located { place, path, at } = file;
        let opened = match place.input.kind {
            // What was found in a folder was no link then, and may be one by now.
            Kind::Folder => Opened::to_read_no_link(path, at)?,
            _ => Opened::to_read(path)?,
        };
        if rules.rewrite() {
            return self.rewrite(&opened, place, tools);
        }
        let mut source = opened.source(windows);
        let (planned, sites) = looking.plan(&opened, &mut source, rules)?;
        let marked = opened.marked(&mut source, &planned, keyed.keying())?;
        let left = opened.left(&mut source, &planned, (rules, once(marked)))?;
        let target = self.output.target_of(place);
        let wanted = Wanted::of(&opened, &planned);
        if self.existing.is_done(wanted, &target, (rules, keyed.keying()))? {
            return self.skip(&target);
        }
        ask(*validator, path, planned.plan())?;
        let fate = Fate::done(planned.plan(), &left, counter);
        let ready = opened.resolve(&mut source, planned, (&left, marked), rules, keyed)?;
        let looked = looking.look_ready(&mut source, &ready, (sites, place));
        let (found, replacements) = looked.map_err(|error| opened.explain_core(error, &mut source))?;
        let fate = fate.noticed(ready.warnings()).with(found);
        let Ready { planned, patch, marks, .. } = ready.and(&replacements)?;
        match self.write(&opened, windows.head(), planned, (&patch, marks), &target)? {
            Put::Done => Ok(fate.copied(target)),
            // Another run may have made the copy meanwhile.
            Put::Exists
                if self.output.existing == Existing::Skip
                    && self.existing.is_done(wanted, &target, (rules, keyed.keying()))? =>
            {
                self.skip(&target)
            }
            Put::Exists => Err(exists(&target, EXISTS)),
        }
    }

    /// Copies a file that becomes another one.
    fn rewrite(&mut self, opened: &Opened<'_>, place: &Place, tools: &mut Tools<'_>) -> Result<Fate, FileError> {
        let Tools { rules, keyed, windows, others, counter, validator, looking } = tools;
        let mut source = opened.source(windows);
        let rewriting = opened.rewriting(&mut source, rules, keyed.keying())?;
        ask(*validator, opened.path, rewriting.told())?;
        let mut again = opened.source(others);
        let made = made(&rewriting, (&mut source, &mut again), place, (rules, keyed), (counter, looking));
        let Made { pieces, fate, .. } = made.map_err(|error| opened.explain_either(error, &mut source, &mut again))?;
        let body = if rewriting.inflated().is_some() {
            let result = result(&rewriting, &pieces, &[])?;
            drop(pieces);
            Body::Form(rewriting.into_form(result)?)
        } else {
            Body::Pieces(pieces)
        };
        let target = self.output.target_of(place);
        if self.is_there(opened, &body, &target)? {
            return self.skip(&target);
        }
        match self.write_body((opened, &mut source), &body, &target)? {
            Put::Done => Ok(fate.copied(target)),
            // Another run may have made the copy meanwhile.
            Put::Exists if self.output.existing == Existing::Skip && self.is_there(opened, &body, &target)? => {
                self.skip(&target)
            }
            Put::Exists => Err(exists(&target, EXISTS)),
        }
    }

    fn is_there(&mut self, opened: &Opened<'_>, body: &Body<'_>, target: &Path) -> Result<bool, FileError> {
        let watch = &self.watch;
        self.existing.is_result(opened.stat.size, target, |there| body.is_in(opened, there, watch))
    }

    fn write_body(
        &mut self,
        (opened, source): (&Opened<'_>, &mut FileSource<'_>),
        body: &Body<'_>,
        target: &Path,
    ) -> Result<Put, FileError> {
        // A deflated one is always flushed: that costs little beside deflating it.
        let sync = if body.is_deflated() { Syncing::All } else { self.output.sync };
        let folder = self.new_files.folders.make(self.output, target)?;
        loop {
            let new = self.new_files.create(self.output, folder.clone(), target);
            let new = new.map_err(|error| FileError::io(target, error))?;
            let to = To { file: new.file(), target, sync, watch: &self.watch };
            body.write((opened, source), to, &mut self.gathered)?;
            if let Some(put) = self.put(opened, new, sync, target)? {
                return Ok(put);
            }
            self.new_files.lack_unnamed();
        }
    }

    fn skip(&mut self, target: &Path) -> Result<Fate, FileError> {
        self.existing.sync(&mut self.new_files.folders, target)?;
        Ok(Fate::copied_already())
    }

    fn write(
        &mut self,
        opened: &Opened<'_>,
        head: &[u8],
        planned: Planned,
        (patch, marks): (&Patch, Option<&Marks>),
        target: &Path,
    ) -> Result<Put, FileError> {
        let of_target = |error| FileError::io(target, error);
        let folder = self.new_files.folders.make(self.output, target)?;
        let planned = match planned {
            Planned::Inflated(plan, mut inflated) if !plan.edits().is_empty() => {
                let temporary = Temporary::create(unix::folder_of(target)).map_err(of_target)?;
                inflated.edit(&plan, patch, marks)?;
                let mut to = temporary.file();
                deflate(&inflated, &self.watch, |piece| to.write_all(piece).map_err(of_target))?;
                let put = self.put(opened, temporary, Syncing::All, target)?;
                return Ok(put.unwrap_or(Put::Exists)); // never `None`: this file has a name
            }
            planned => planned,
        };
        let temporary = self.new_files.create(self.output, folder, target).map_err(of_target)?;
        self.fill(opened, head, (&planned, patch, marks), temporary.file(), target)?;
        let Some(put) = self.put(opened, temporary, self.output.sync, target)? else {
            self.new_files.lack_unnamed();
            return self.write(opened, head, planned, (patch, marks), target);
        };
        Ok(put)
    }

    /// Gives the new file its mode and its final name. `None` if it has no name and can't be given one.
    fn put(&self, opened: &Opened<'_>, new: Temporary, sync: Syncing, target: &Path) -> Result<Option<Put>, FileError> {
        opened.check_unchanged()?;
        NewFiles::put(self.output, new, (opened.stat.permissions(self.output.umask), sync), target)
    }

    /// Writes the whole file, edited, to `to`. A deflated one is written as it is: nothing is left to blank in it.
    fn fill(
        &mut self,
        opened: &Opened<'_>,
        head: &[u8],
        (planned, patch, marks): (&Planned, &Patch, Option<&Marks>),
        to: &File,
        target: &Path,
    ) -> Result<(), FileError> {
        let transfer = Transfer::new(opened, to, target, &self.watch, self.output.sync);
        let mut sink = CopySink::new(transfer, &mut self.chunk);
        sink.begin(head)?;
        if planned.is_inflated() {
            return sink.finish();
        }
        marks.and_then(Marks::done).map_or(Ok(()), |mark| sink.write(mark))?;
        match apply_patch(planned.plan(), patch, &mut sink) {
            Ok(()) => sink.finish(),
            Err(ApplyError::SizeChanged { .. }) => Err(FileError::Changed),
            Err(ApplyError::Unresolved) => Err(FileError::Panicked),
            Err(ApplyError::Sink(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use dicomblank_core::{Rules, Tag};
    use dicomblank_pseudonym::Memory;

    use super::*;
    use crate::order::choices::Leftovers;
    use crate::read::keyed::Keying;
    use crate::read::leftovers::Looker;
    use crate::read::windows::Windows;
    use crate::report::values::Counter;
    use crate::testing::{Scratch, input, located, place, sample};
    use crate::write::tools::Looking;

    use crate::order::inputs::{Input, Inputs};
    use crate::order::output::OutputPath;
    use crate::unix::{Folder, steps};
    use crate::write::transfer::SYNC_AFTER;

    fn output(folder: PathBuf, existing: Existing, sync: Syncing, source: &Arc<Input>) -> Output {
        let path = OutputPath { resolved: folder.clone(), folder, file: None };
        Output::new(path, existing, sync, Arc::new(Inputs::of(std::slice::from_ref(source))))
    }

    fn copy(copier: &mut Copier<'_>, place: &Place, path: &Path, rules: &Rules) -> Result<Fate, FileError> {
        let [windows, others] = &mut [(); 2].map(|()| Windows::new(Watch::default()));
        copier.copy(
            located(place, path),
            &mut Tools {
                rules,
                keyed: Keying::none().with(&mut Memory::default()),
                windows,
                others,
                counter: &mut Counter::default(),
                validator: None,
                looking: Looking { leftovers: Leftovers::Ignore, known: None, looker: &mut Looker::default() },
            },
        )
    }

    /// A file is flushed before it is named, and its name before it counts as done. Folders are flushed from the
    /// innermost to the first that was there.
    #[test]
    fn a_copy_is_synced_before_it_counts_as_done() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (bytes, rules) = sample();
        for path in ["in/a/one.dcm", "in/a/two.dcm"] {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), &bytes).unwrap();
        }
        let given = folder.join("in");
        let source = input(&given, Kind::Folder);
        let place = |name: &str| place(&source, "a", name);
        let copies = |existing, sync, names: &[&str]| {
            let output = output(folder.join("new/out"), existing, sync, &source);
            let pulse = Arc::default();
            let mut copier = Copier::new(&output, &pulse);
            for name in names {
                copy(&mut copier, &place(name), &place(name).path(), &rules).unwrap();
            }
            steps::take()
        };
        let of_folders = ["sync folder out", "sync folder new", &format!("sync folder {}", name_of(&folder))];
        let of_file = ["sync file", "rename", "sync folder a"];
        let of_next = ["sync folder out"]; // the folder of the output is there by now
        let both = ["one.dcm", "two.dcm"];
        let first = copies(Existing::Refuse, Syncing::All, &both);
        assert_eq!(first, [&of_folders[..], &of_file, &of_file].concat());
        assert_eq!(copies(Existing::Overwrite, Syncing::All, &both[..1]), [&of_next[..], &of_file].concat());
        let of_skipped = ["sync folder out", "sync file", "sync folder a"];
        assert_eq!(copies(Existing::Skip, Syncing::All, &both[..1]), of_skipped);
        assert_eq!(copies(Existing::Overwrite, Syncing::None, &both[..1]), ["rename"]);
    }

    /// A deflated copy is always flushed: that costs little beside deflating it.
    #[test]
    fn a_deflated_copy_is_synced_unasked() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let path = folder.join("from");
        fs::write(&path, crate::testing::deflated()).unwrap();
        let source = input(&path, Kind::File);
        let output = output(folder.join("out"), Existing::Refuse, Syncing::None, &source);
        let pulse = Arc::default();
        let place = place(&source, "", "from");
        let rules = Rules::new([Tag::new(0x10, 0x10)], []).unwrap();
        copy(&mut Copier::new(&output, &pulse), &place, &path, &rules).unwrap();
        assert_eq!(steps::take(), ["deflate", "sync file", "rename", "sync folder out"]);
    }

    /// Only a file that has no name can be tried in another way: with one.
    #[test]
    fn a_name_that_cannot_be_given_is_an_error_or_asks_for_the_other_way() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (from, too_long) = (folder.join("from"), folder.join("x".repeat(300)));
        fs::write(&from, sample().0).unwrap();
        let opened = Opened::to_read(&from).unwrap();
        let source = input(&from, Kind::File);
        let output = output(folder.clone(), Existing::Refuse, Syncing::None, &source);
        let pulse = Arc::default();
        let put = |new| Copier::new(&output, &pulse).put(&opened, new, Syncing::None, &too_long);
        assert!(matches!(put(Temporary::create(&folder).unwrap()), Err(FileError::Io { .. })));
        if let Ok(new) = Temporary::unnamed(Arc::new(Folder::open(&folder).unwrap())) {
            assert!(matches!(put(new), Ok(None)));
        }
        steps::take();
    }

    fn name_of(path: &Path) -> &str {
        path.file_name().unwrap().to_str().unwrap()
    }

    /// A link that comes between listing and opening could lead anywhere. What was named itself may be a link.
    #[test]
    fn a_link_in_a_folder_is_not_followed() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let (bytes, rules) = sample();
        fs::write(folder.join("elsewhere"), &bytes).unwrap();
        fs::create_dir(folder.join("in")).unwrap();
        let link = folder.join("in/link");
        std::os::unix::fs::symlink(folder.join("elsewhere"), &link).unwrap();
        for (given, kind, is_copied) in [(folder.join("in"), Kind::Folder, false), (link.clone(), Kind::File, true)] {
            let source = Arc::new(Input { canonical: given.canonicalize().unwrap(), given, kind });
            let output = output(folder.join("out"), Existing::Refuse, Syncing::None, &source);
            let pulse = Arc::default();
            let place = place(&source, "", "link");
            let copied = copy(&mut Copier::new(&output, &pulse), &place, &link, &rules);
            assert_eq!(copied.is_ok(), is_copied, "{kind:?}");
            assert_eq!(folder.join("out/link").exists(), is_copied, "{kind:?}");
        }
    }

    #[test]
    fn a_long_copy_is_synced_on_its_way() {
        let scratch = Scratch::new();
        let folder = scratch.path("");
        let path = folder.join("from");
        let (bytes, rules) = sample();
        // Zeros follow the data set: padding to the core.
        let length = usize::try_from(2 * SYNC_AFTER + 1).unwrap();
        fs::write(&path, [&bytes[..], &vec![0; length - bytes.len()]].concat()).unwrap();
        let source = input(&path, Kind::File);
        let output = output(folder.join("out"), Existing::Refuse, Syncing::All, &source);
        let pulse = Arc::default();
        let place = place(&source, "", "from");
        copy(&mut Copier::new(&output, &pulse), &place, &path, &rules).unwrap();
        assert_eq!(steps::take().iter().filter(|step| *step == "sync data").count(), 2);
    }
}

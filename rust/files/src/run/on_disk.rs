//! Files and folders of a disk in a run over objects: as its sources, and as the place of its copies.

use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::listing::{self, Batch, Found};
use super::made::Made;
use super::objects::{Kit, Objects, Ranges};
use crate::error::FileError;
use crate::order::exclude::Exclude;
use crate::order::inputs::Kind;
use crate::order::place::Place;
use crate::read::opened::{Opened, same, until_untouched};
use crate::read::read_at::{FileBytes, ReadAt};
use crate::read::windows::Windows;
use crate::report::outcome::Fate;
use crate::unix::{At, Mode, Stat};
use crate::watch::Watch;
use crate::write::landing::Copy;

/// Bytes of a large object that go to a disk at a time.
const PIECE: u64 = 4 * 1024 * 1024;

/// What the listing of a source finds.
pub enum Listed {
    /// Files to be done: their paths below the source, or the name of the source itself.
    Files(Vec<PathBuf>),
    /// Something that is not to be done, with the reason.
    Made(Box<Made>),
}

/// An open file of a source.
#[derive(Debug)]
pub struct OpenFile {
    place: Place,
    file: File,
    stat: Stat,
}

impl OpenFile {
    fn of(place: Place) -> Result<Self, FileError> {
        let path = place.path();
        let Opened { file, stat, .. } = match place.input.kind {
            // What was found in a folder was no link then, and may be one by now.
            Kind::Folder => Opened::to_read_no_link(&path, At::path(&path))?,
            _ => Opened::to_read(&path)?,
        };
        Ok(Self { place, file, stat })
    }

    /// How many bytes it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.stat.size
    }

    /// Fills a buffer from an offset on.
    ///
    /// # Errors
    /// [`FileError::Io`], and [`FileError::Changed`] where it has fewer bytes by now.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FileError> {
        self.bytes().read_exactly(offset, buffer).map_err(|error| error.about(&self.place.path()))
    }

    /// Checks that it is what it was when it was opened.
    ///
    /// # Errors
    /// [`FileError::Changed`].
    pub fn check(&self) -> Result<(), FileError> {
        let now = Stat::of(&self.file).map_err(|error| FileError::io(&self.place.path(), error))?;
        same(self.stat.since(&now.ok_or(FileError::Changed)?))
    }

    const fn bytes(&self) -> FileBytes<'_> {
        FileBytes { file: &self.file, size: self.stat.size }
    }

    /// Its mode, of which a copy takes what the umask leaves.
    fn mode(&self) -> Mode {
        self.stat.permissions(Mode::empty())
    }
}

impl Objects {
    /// Lists a source that is on a disk, until `take` breaks off. Links are not followed.
    pub fn list(&self, source: usize, mut take: impl FnMut(Listed) -> ControlFlow<()>) {
        let Some(input) = self.inputs.get(source) else { return };
        let skipped = |place, error| Listed::Made(Box::new(Made::told(place, Ok(Fate::skipped(error)))));
        let _ = listing::list(std::slice::from_ref(input), &Exclude::default(), |found| match found {
            Found::Files(Batch { folder, names, .. }) => {
                take(Listed::Files(names.into_iter().map(|name| folder.join(name)).collect()))
            }
            Found::Row(row) => {
                let (place, fate) = row.into_parts();
                take(Listed::Made(Box::new(Made::told(place, Ok(fate)))))
            }
            Found::Temporary(place) => take(skipped(place, FileError::Temporary { is_removed: false })),
            Found::Excluded(place) => take(skipped(place, FileError::Excluded)),
            Found::Folder(..) => ControlFlow::Continue(()),
        });
    }

    /// Reads a file of a source on a disk, of at most so many bytes, plans it, and edits its bytes. `None` if there is no
    /// such source.
    pub fn blank_file(&self, source: usize, key: &Path, most: u64) -> Option<(Made, Vec<u8>)> {
        let place = self.place(source, key)?;
        let read = until_untouched(|| {
            let file = OpenFile::of(place.clone())?;
            let size = usize::try_from(file.size()).ok().filter(|_| file.size() <= most).ok_or(FileError::Changed)?;
            let mut bytes = vec![0; size];
            file.read(0, &mut bytes)?;
            file.check().map(|()| (bytes, file.mode()))
        });
        let (mut bytes, permissions) = match read {
            Ok(read) => read,
            Err(error) => return Some((Made::failed(place, error), Vec::new())),
        };
        let made = self.whole(place, &mut bytes);
        Some((Made { mode: Some(permissions), ..made }, bytes))
    }

    /// Opens a larger one, and plans it. Nothing is edited yet.
    pub fn plan_file(&self, source: usize, key: &Path) -> Option<(Made, Option<OpenFile>)> {
        let place = self.place(source, key)?;
        let file = match OpenFile::of(place.clone()) {
            Ok(file) => file,
            Err(error) => return Some((Made::failed(place, error), None)),
        };
        let windows = &mut Windows::new(Watch::of(&self.pulse));
        let made = self.by_ranges(place, file.bytes(), windows);
        Some((Made { mode: Some(file.mode()), ..made }, Some(file)))
    }

    /// Writes the copy of an object, of which these are all bytes, to its place on the disk.
    #[must_use]
    pub fn land(&self, made: Made, bytes: &[u8]) -> Made {
        self.landed(made, |_, to, target| {
            let mut to = to;
            to.write_all(bytes).map_err(|error| FileError::io(target, error))
        })
    }

    /// The same of an object that is read by ranges and edited here. `check` is called when all is read: whether the
    /// object is what it was.
    #[must_use]
    pub fn land_by_ranges(&self, made: Made, ranges: &Ranges<'_>, check: &dyn Fn() -> io::Result<()>) -> Made {
        let lost = |_| FileError::Changed; // the caller has the error itself
        self.landed(made, |made, to, target| {
            let mut piece = Vec::new();
            let (mut to, mut start) = (to, 0);
            while start < ranges.size {
                if Watch::of(&self.pulse).is_cancelled() {
                    return Err(FileError::Interrupted);
                }
                let length = usize::try_from(PIECE.min(ranges.size - start)).map_err(|_| FileError::Panicked)?;
                piece.resize(length, 0);
                if (ranges.read)(start, &mut piece).map_err(lost)? < length {
                    return Err(FileError::Changed);
                }
                self.edit(made, start, &mut piece)?;
                to.write_all(&piece).map_err(|error| FileError::io(target, error))?;
                start += length as u64;
            }
            check().map_err(lost)
        })
    }

    fn landed(&self, made: Made, fill: impl Fn(&Made, &File, &Path) -> Result<(), FileError>) -> Made {
        let (Some(landing), Some(wanted)) = (&self.landing, made.wanted) else {
            return Made::failed(made.place, FileError::Panicked); // it is an object that is not to be written
        };
        let mut made = made;
        let fate = match std::mem::replace(&mut made.fate, Err(FileError::Panicked)) {
            Ok(fate) => self.with_kit(|kit: &mut Kit| {
                let result = made.anew().filter(|_| self.rules.rewrite());
                let copy = Copy { place: &made.place, wanted, result, mode: made.mode, fate };
                let rules = (&self.rules, &self.keying);
                let watch = Watch::of(&self.pulse);
                landing.land(copy, &mut kit.new_files, rules, watch, |to, target| fill(&made, to, target))
            }),
            Err(error) => Err(error),
        };
        Made::told(made.place, fate)
    }
}

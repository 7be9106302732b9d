//! The report file: one JSON object per line, for the run, for each file, and for the end. `docs/report.md` says what stands in it.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use dicomblank_core::{Rules, Selector, dictionary};
use dicomblank_pseudonym::KeyId;

use super::counts::Report;
use super::json::{Json, Name};
use super::outcome::Outcome;
use super::row::Row;
use crate::leftover::{Leftover, Remains};
use crate::order::choices::{Against, Destination, Existing, HardLinks, Leftovers, Pydicom, Task, Unmarked};
use crate::order::list::{ListName, Shard};
use crate::text::Utc;
use crate::unix;

/// A report file that is being written.
#[derive(Debug)]
pub(crate) struct ReportFile {
    /// `None` for the standard output.
    path: Option<PathBuf>,
    file: File,
    /// Whole lines that are still to be written.
    lines: Vec<u8>,
}

/// Lines are written when there are so many bytes of them.
const ENOUGH: usize = 64 * 1024;

impl ReportFile {
    /// Creates the file, which must not exist.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { path: Some(path.to_owned()), file: File::create_new(path)?, lines: Vec::new() })
    }

    /// Writes to the process's standard output, as it is now.
    pub(crate) fn stdout() -> io::Result<Self> {
        Ok(Self { path: None, file: unix::stdout()?, lines: Vec::new() })
    }

    pub(crate) fn is_stdout(&self) -> bool {
        self.path.is_none()
    }

    /// The first row.
    pub(crate) fn begin(&mut self, run: &Run<'_>) -> io::Result<()> {
        self.line(run)
    }

    pub(crate) fn add(&mut self, rows: &[Row]) -> io::Result<()> {
        rows.iter().try_for_each(|row| self.line(&Line(row)))
    }

    /// How far the run is so long after its start.
    pub(crate) fn pace(&mut self, took: Duration, files: u64, in_flight: usize) -> io::Result<()> {
        let seconds = took.as_secs_f64();
        let row = format_args!(
            "{{\"row\": \"pace\", \"seconds\": {seconds:.3}, \"files\": {files}, \"in_flight\": {in_flight}}}"
        );
        self.line(&row)
    }

    /// The last row. Without it the run was killed, or its report could not be written.
    pub(crate) fn end(&mut self, report: &Report) -> io::Result<()> {
        self.line(&End(report))?;
        self.flush()
    }

    /// Its name in messages.
    pub(crate) fn into_path(self) -> PathBuf {
        self.path.unwrap_or_else(|| "stdout".into())
    }

    /// Hands what was added to the system, so that it can be read while the run goes on.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let written = self.file.write_all(&self.lines);
        self.lines.clear();
        written
    }

    /// Lines go to the system whole: also one of a run that is killed then.
    fn line(&mut self, line: &dyn fmt::Display) -> io::Result<()> {
        writeln!(self.lines, "{line}")?;
        if self.lines.len() >= ENOUGH { self.flush() } else { Ok(()) }
    }
}

/// What rules say, in the order in which they are told.
const RULES: [&str; 10] =
    ["blank", "keep", "pseudonymize", "shift", "set", "map", "remove", "empty", "dummy", "by type"];

/// What a run is asked to do.
pub(crate) struct Run<'a> {
    pub(crate) level: Option<&'a str>,
    pub(crate) rules: &'a Rules,
    /// Which key, if there is one.
    pub(crate) key: Option<KeyId>,
    pub(crate) task: &'a Task,
    pub(crate) leftovers: Leftovers,
    /// How many names and identifiers are known, and looked for.
    pub(crate) known: u64,
    /// The list of the files that were to be done, if there is one.
    pub(crate) list: Option<&'a ListName>,
    pub(crate) exclude: &'a [String],
    pub(crate) sources: Vec<&'a Path>,
    pub(crate) start: SystemTime,
}

impl fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"row\": \"run\", \"version\": \"{}\", \"level\": ", env!("CARGO_PKG_VERSION"))?;
        match self.level {
            Some(level) => write!(f, "{}", Json(level))?,
            None => f.write_str("null")?,
        }
        f.write_str(", \"rules\": {")?;
        for (index, word) in RULES.into_iter().enumerate() {
            write!(f, "{}\"{}\": [", if index > 0 { "], " } else { "" }, word.replace(' ', "_"))?;
            let of_word = self.rules.all().iter().filter(|(_, rule)| rule.word() == word);
            list(f, of_word.map(|(selector, _)| Json(named(selector)).to_string()))?;
        }
        f.write_str("]}, \"key\": ")?;
        match self.key {
            Some(key) => write!(f, "\"{key}\"")?,
            None => f.write_str("null")?,
        }
        write!(f, ", \"leftovers\": \"{}\", \"known\": {}", self.leftovers.word(), self.known)?;
        write!(f, ", {}, \"sources\": [", Asked(self.task))?;
        list(f, self.sources.iter().map(|source| Name(source.as_os_str())))?;
        f.write_char(']')?;
        match self.list {
            Some(ListName::Shard(Shard { name, sha256 })) => {
                write!(f, ", \"shard\": {{\"name\": {}, \"sha256\": {}}}", Name(name.as_ref()), Json(sha256))?;
            }
            Some(ListName::File(path)) => write!(f, ", \"files_from\": {}", Name(path.as_os_str()))?,
            None => {}
        }
        if !self.exclude.is_empty() {
            f.write_str(", \"exclude\": [")?;
            list(f, self.exclude.iter().map(Json))?;
            f.write_char(']')?;
        }
        write!(f, ", \"start\": \"{}\"}}", Utc(self.start))
    }
}

/// What is done to the files, as a field.
struct Asked<'a>(&'a Task);

impl fmt::Display for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Task::Anonymize(Destination::InPlace { hard_links, unmarked }) => {
                let unmarked = match unmarked {
                    Unmarked::Refuse => "refuse",
                    Unmarked::Write => "write",
                };
                let hard_links = match hard_links {
                    HardLinks::Refuse => "refuse",
                    HardLinks::Write => "write",
                };
                let unmarked = format!("\"unmarked\": \"{unmarked}\"");
                write!(f, "\"destination\": {{\"in_place\": true, \"hard_links\": \"{hard_links}\", {unmarked}}}")
            }
            Task::Anonymize(Destination::Copies { output, existing }) => {
                let existing = match existing {
                    Existing::Refuse => "refuse",
                    Existing::Skip => "skip",
                    Existing::Overwrite => "overwrite",
                };
                let output = Name(output.as_os_str());
                write!(f, "\"destination\": {{\"output\": {output}, \"existing\": \"{existing}\"}}")
            }
            Task::Plan(_) => f.write_str("\"dry_run\": true"),
            Task::Verify { after, pydicom, .. } => {
                let pydicom = match pydicom {
                    Pydicom::Ask => "ask",
                    Pydicom::LeaveOut => "leave-out",
                };
                write!(f, "\"after\": {}, \"pydicom\": \"{pydicom}\"", Name(after.as_os_str()))
            }
            Task::Inspect { against, .. } => write!(f, "\"inspect\": {{\"left\": {}}}", *against == Against::Rules),
        }
    }
}

/// What a rule is about: the keyword of a tag, where it is the tag's alone.
fn named(selector: &Selector) -> String {
    let keyword = match selector {
        Selector::Tag(tag) => dictionary::keyword(*tag).filter(|keyword| dictionary::tag(keyword) == Some(*tag)),
        _ => None,
    };
    keyword.map_or_else(|| selector.to_string(), str::to_owned)
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: impl Iterator<Item = T>) -> fmt::Result {
    for (index, item) in items.enumerate() {
        write!(f, "{}{item}", if index > 0 { ", " } else { "" })?;
    }
    Ok(())
}

fn counts(f: &mut fmt::Formatter<'_>, counts: &BTreeMap<String, u64>) -> fmt::Result {
    list(f, counts.iter().map(|(name, count)| format!("{}: {count}", Json(name))))
}

/// A row as a JSON object. Keys always come in this order.
struct Line<'a>(&'a Row);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.0;
        write!(f, "{{\"row\": \"file\", \"source\": {}, \"path\": {}", Name(row.source()), Name(&row.path()))?;
        write!(f, ", \"outcome\": \"{}\", \"edits\": {}", row.outcome(), row.edits())?;
        if let Some(output) = row.output() {
            write!(f, ", \"output\": {}", Name(output.as_os_str()))?;
        }
        if !row.levels().is_empty() {
            f.write_str(", \"levels\": [")?;
            list(f, row.levels().iter().map(Json))?;
            f.write_char(']')?;
        }
        let finding = row.finding();
        if let Some(finding) = &finding {
            write!(f, ", \"kind\": \"{}\"", finding.kind)?;
            if let Some(offset) = finding.offset {
                write!(f, ", \"offset\": {offset}")?;
            }
            if let Some(tag_path) = &finding.tag_path {
                write!(f, ", \"tag_path\": {}", Json(tag_path))?;
            }
        }
        if row.has_warnings() {
            f.write_str(", \"warnings\": [")?;
            list(f, row.warnings().into_iter().map(Json))?;
            f.write_char(']')?;
        }
        if let Some(found) = row.leftovers() {
            write!(f, "{}", Left(found))?;
        }
        if let Some(found) = row.found() {
            write!(f, ", {}", found.json())?;
        }
        if let Some(finding) = finding.filter(|finding| !finding.message.is_empty()) {
            write!(f, ", \"error\": {}", Json(&finding.message))?;
        }
        f.write_char('}')
    }
}

/// The end of a run as a JSON object.
struct End<'a>(&'a Report);

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let end = if report.is_cancelled { "interrupted" } else { "complete" };
        write!(f, "{{\"row\": \"end\", \"end\": \"{end}\", \"counts\": {{\"files\": {}", report.files())?;
        for (word, count) in report.counts().filter(|(_, count)| *count > 0) {
            write!(f, ", \"{word}\": {count}")?;
        }
        write!(f, ", \"edits\": {}}}, \"seconds\": {:.3}, \"values\": {{", report.edits(), report.took.as_secs_f64())?;
        counts(f, &report.values())?;
        f.write_str("}, \"files_with\": {")?;
        counts(f, &report.files_with())?;
        f.write_char('}')?;
        if let Some((counted, places, of)) = report.leftovers() {
            f.write_str(", \"leftovers\": {")?;
            write!(f, "{}", Numbers(counted))?;
            for (word, by_name) in [("places", places), ("of", &of)] {
                write!(f, ", \"{word}\": {{")?;
                counts(f, by_name)?;
                f.write_char('}')?;
            }
            f.write_char('}')?;
        }
        let states = report.states();
        if !states.is_empty() {
            f.write_str(", \"states\": {")?;
            list(f, states.iter().map(|(name, counts)| format!("{}: {{{}}}", Json(name), Numbers(counts.words()))))?;
            f.write_char('}')?;
        }
        if report.count(Outcome::Inspected) > 0 {
            write!(f, ", {}", report.found_json())?;
        }
        f.write_char('}')
    }
}

/// What is left in a file, as fields.
struct Left<'a>(&'a Remains);

impl fmt::Display for Left<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = self.0;
        if found.count > 0 {
            f.write_str(", \"leftovers\": [")?;
            list(f, found.all.iter().map(One))?;
            write!(f, "], \"leftover_count\": {}", found.count)?;
        }
        if found.not_searched > 0 {
            write!(f, ", \"not_searched\": {}", found.not_searched)?;
        }
        Ok(())
    }
}

/// One place where a value still stands.
struct One<'a>(&'a Leftover);

impl fmt::Display for One<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Leftover { place, offset, length, of } = self.0;
        let offset = offset.map_or_else(|| "null".to_owned(), |offset| offset.to_string());
        write!(f, "{{\"place\": \"{place}\", \"offset\": {offset}, \"length\": {length}, \"of\": \"{of}\"}}")
    }
}

/// Numbers by their words, as the fields of an object.
struct Numbers<const N: usize>([(&'static str, u64); N]);

impl<const N: usize> fmt::Display for Numbers<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(f, self.0.iter().map(|(word, number)| format!("\"{word}\": {number}")))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use dicomblank_core::Tag;

    use super::*;
    use crate::order::inputs::{Input, Kind};
    use crate::order::place;
    use crate::report::outcome::Fate;
    use crate::testing::Scratch;

    #[test]
    fn a_report_file_has_a_path_or_is_the_standard_output() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let input = Arc::new(Input { given: "/a".into(), canonical: "/a".into(), kind: Kind::File });
        let place = place::Place { input, folder: Path::new("").into(), name: "a".into() };
        let row = Row::new(place, Fate::of(Outcome::Unchanged));
        let (mut report, stdout) = (ReportFile::create(&path).unwrap(), ReportFile::stdout().unwrap());
        report.add(&[row]).unwrap();
        report.pace(Duration::from_millis(12_345), 1, 16).unwrap();
        report.flush().unwrap();
        let line =
            "{\"row\": \"file\", \"source\": \"/a\", \"path\": \"a\", \"outcome\": \"unchanged\", \"edits\": 0}\n";
        let far = "{\"row\": \"pace\", \"seconds\": 12.345, \"files\": 1, \"in_flight\": 16}\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{line}{far}"));
        assert_eq!((report.is_stdout(), stdout.is_stdout()), (false, true));
        assert_eq!((report.into_path(), stdout.into_path()), (path.clone(), "stdout".into()));
        assert!(ReportFile::create(&path).is_err());
    }

    #[test]
    fn a_rule_is_told_by_its_keyword() {
        for (tag, expected) in [
            (Tag::new(0x10, 0x10), "PatientName"),
            (Tag::new(0x11, 0x1010), "(0011,1010)"),
            (Tag::new(0x6002, 0x3000), "(6002,3000)"), // an overlay's keyword is that of every group
        ] {
            assert_eq!(named(&Selector::Tag(tag)), expected);
        }
    }
}

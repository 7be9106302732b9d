//! The report file: a JSON object a line for every file.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::FileError;
use crate::report::row::Row;
use crate::unix;

/// A report file that is being written.
#[derive(Debug)]
pub(crate) struct ReportFile {
    /// `None` for the standard output.
    path: Option<PathBuf>,
    file: BufWriter<File>,
}

impl ReportFile {
    /// Creates the file, which must not exist.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = File::create_new(path)?;
        Ok(Self { path: Some(path.to_owned()), file: BufWriter::new(file) })
    }

    /// Writes to the process's standard output, as it is now.
    pub(crate) fn stdout() -> io::Result<Self> {
        Ok(Self { path: None, file: BufWriter::new(unix::stdout()?) })
    }

    pub(crate) fn is_stdout(&self) -> bool {
        self.path.is_none()
    }

    pub(crate) fn add(&mut self, rows: &[Row]) -> io::Result<()> {
        rows.iter().try_for_each(|row| writeln!(self.file, "{}", Line(row)))
    }

    /// Its name in messages.
    pub(crate) fn into_path(self) -> PathBuf {
        self.path.unwrap_or_else(|| "stdout".into())
    }

    /// Hands what was added to the system, so that it can be read while the run goes on.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A row as a JSON object. Keys always come in this order.
struct Line<'a>(&'a Row);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.0;
        write!(f, "{{\"source\": {}, \"path\": {}", Json(&row.source()), Json(&row.path()))?;
        write!(f, ", \"outcome\": \"{}\", \"edits\": {}", row.outcome(), row.edits())?;
        if let Some(warning) = row.warning() {
            write!(f, ", \"warning\": {}", Json(warning))?;
        }
        if let Some(reason) = row.reason() {
            write!(f, ", \"error\": {}", Json(&reason))?;
        }
        // Where the words may show the ends of a path only, a program has the whole.
        if let Some(FileError::Core(error)) = row.error() {
            write!(f, ", \"offset\": {}, \"tag_path\": {}", error.offset, Json(&format!("{:#}", error.tag_path)))?;
        }
        f.write_char('}')
    }
}

/// A JSON string (RFC 8259 §7).
struct Json<'a>(&'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                // All controls, though JSON asks it of those below 0x20 only: a report is also read on a terminal.
                _ if character.is_control() => write!(f, "\\u{:04x}", u32::from(character))?,
                _ => f.write_char(character)?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::*;
    use crate::order::inputs::Input;
    use crate::order::inputs::Kind;
    use crate::order::place::Place;
    use crate::report::outcome::Fate;
    use crate::testing::Scratch;

    #[test]
    fn a_report_has_a_path_or_is_the_standard_output() {
        let scratch = Scratch::new();
        let path = scratch.path("file");
        let source = Arc::new(Input { given: "/a".into(), canonical: "/a".into(), kind: Kind::File });
        let row = Row::new(Place { input: source, folder: Path::new("").into(), name: "a".into() }, Fate::SKIPPED);
        let (mut report, stdout) = (ReportFile::create(&path).unwrap(), ReportFile::stdout().unwrap());
        report.add(&[row]).unwrap();
        report.flush().unwrap();
        let line = "{\"source\": \"/a\", \"path\": \"a\", \"outcome\": \"skipped\", \"edits\": 0}\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), line);
        assert_eq!((report.is_stdout(), stdout.is_stdout()), (false, true));
        assert_eq!((report.into_path(), stdout.into_path()), (path.clone(), "stdout".into()));
        assert!(ReportFile::create(&path).is_err());
    }

    #[test]
    fn json_strings() {
        for (text, expected) in [
            ("a b/c.dcm", r#""a b/c.dcm""#),
            ("M\\xfcller \"x\"", r#""M\\xfcller \"x\"""#),
            ("a\nb\u{1b}\u{7f}\u{9b}", r#""a\u000ab\u001b\u007f\u009b""#),
            ("Müller", r#""Müller""#),
        ] {
            assert_eq!(Json(text).to_string(), expected);
        }
    }
}

//! What is said of a file: a word for programs, a sentence for people, and the place.

/// One thing that is said of a file. It holds no value of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// One word of [`kinds`](crate::kinds).
    pub kind: &'static str,
    /// A sentence without a full stop; empty where the word says all.
    pub message: String,
    /// Where in the file, in bytes; of a deflated one in its inflated form.
    pub offset: Option<u64>,
    /// The element, whole; empty for the data set itself.
    pub tag_path: Option<String>,
}

impl Finding {
    /// One without a place.
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), offset: None, tag_path: None }
    }
}

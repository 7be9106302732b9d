//! How the headers of a reading are written: byte order, and VRs that are stated or not.

use crate::syntax::Syntax;

/// How the headers of a reading are written. Beside the three of [`Syntax`] there is implicit VR in big endian, which
/// is no transfer syntax, but some readers try it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    is_big: bool,
    is_explicit: bool,
}

impl Form {
    /// Every form that a reader may take a data set of unknown syntax for.
    pub(crate) const ALL: [Self; 4] = [
        Self { is_big: false, is_explicit: true },
        Self { is_big: false, is_explicit: false },
        Self { is_big: true, is_explicit: true },
        Self { is_big: true, is_explicit: false },
    ];

    pub(crate) fn of(syntax: Syntax) -> Self {
        Self { is_big: syntax == Syntax::ExplicitBig, is_explicit: syntax != Syntax::ImplicitLittle }
    }

    /// The other form of its byte order.
    pub(crate) const fn twin(self) -> Self {
        Self { is_explicit: !self.is_explicit, ..self }
    }

    /// The transfer syntax of this form; `None` for implicit VR in big endian.
    pub(crate) const fn syntax(self) -> Option<Syntax> {
        match (self.is_big, self.is_explicit) {
            (false, false) => Some(Syntax::ImplicitLittle),
            (false, true) => Some(Syntax::ExplicitLittle),
            (true, true) => Some(Syntax::ExplicitBig),
            (true, false) => None,
        }
    }

    /// Whether it has the byte order of `syntax`.
    pub(crate) fn has_order_of(self, syntax: Syntax) -> bool {
        self.is_big == (syntax == Syntax::ExplicitBig)
    }

    pub(crate) const fn is_explicit(self) -> bool {
        self.is_explicit
    }

    pub(crate) const fn is_big(self) -> bool {
        self.is_big
    }

    /// A syntax of its byte order: nothing else counts of it.
    pub(crate) const fn order(self) -> Syntax {
        if self.is_big { Syntax::ExplicitBig } else { Syntax::ExplicitLittle }
    }
}

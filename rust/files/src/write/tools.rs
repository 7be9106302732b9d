//! What a worker has for each file.

use dicomblank_core::Rules;

use super::validator::Validator;
use crate::read::keyed::Keyed;
use crate::read::windows::Windows;
use crate::report::values::Counter;

/// The rules of the run, what they replace values with, the buffers of the worker, its count of values, and the
/// validator.
pub(crate) struct Tools<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) keyed: Keyed<'a, 'a>,
    pub(crate) windows: &'a mut Windows,
    pub(crate) counter: &'a mut Counter,
    pub(crate) validator: Option<&'a Validator<'a>>,
}

//! Laws that hold for every file and all rules, tried on generated ones: nested data sets in all syntaxes at once, files cut at any
//! byte, files with bytes flipped, and bytes that are no file at all.
//!
//! What must be blanked is computed while the file is built, by rules as the issue words them: the core is not asked.

mod build;
mod check;
mod road;

use build::*;
use check::{applied, covers, is_ambiguous, left, marks, plan_of};
use dicomblank_core::{ErrorKind, Limits, Plan, Private, Rules, Selector, Syntax, Tag};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A leaf's tag and the VR that the dictionary gives it: that of implicit elements.
const LEAVES: [(Tag, &str); 12] = [
    (NAME, "PN"),
    (ID, "LO"),
    (SEX, "CS"),
    (BIRTH, "DA"),
    (INSTANCE, "UI"),
    (MODALITY, "CS"),
    (ROWS, "US"),
    (TEXT, "UT"),
    (Tag::new(0x0008, 0x0000), "UL"), // a group length: never blanked
    (UNLISTED, "UN"),
    (PRIVATE, "UN"),
    (CREATOR, "UN"),
];
const SEQUENCES: [Tag; 4] = [CONTENT, STUDY, OTHER_IDS, PRIVATE_2];
/// Tags that a rule may have.
const RULED: [Tag; 12] =
    [NAME, ID, SEX, INSTANCE, ROWS, UNLISTED, PRIVATE, CREATOR, CONTENT, STUDY, OTHER_IDS, PRIVATE_2];
/// Enough for what is generated, and little enough that a flipped byte can't make a test run for minutes.
const LIMITS: Limits = Limits { depth: 40, elements: 100_000, edits: 10_000, sites: 10_000 };

#[derive(Clone, Debug)]
enum Node {
    /// Index into `LEAVES`, the VR that an explicit header states, the value.
    Leaf(usize, &'static str, Value),
    /// Index into `SEQUENCES`.
    Sequence(usize, How, Len, Vec<Item>),
    /// A private value that holds items and then no item.
    Opaque(Vec<Item>),
    Pixels(Vec<u8>),
    Fragments(Vec<Vec<u8>>),
}

#[derive(Clone, Debug)]
enum Value {
    Bytes(Vec<u8>),
    /// Bytes that look like an item with a name, or like a delimiter.
    Item,
    Delimiter,
}

/// How a sequence's header says that it is one, and how its items are written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    /// VR SQ, or what implicit VR makes of the tag.
    Plain,
    /// VR UN, its items in implicit VR.
    Unknown,
    /// VR UN, its items as the file around them.
    UnknownAsAround,
}

#[derive(Clone, Debug)]
struct Item {
    len: Len,
    /// Whether this item is implicit among explicit ones, or the reverse.
    is_other: bool,
    nodes: Vec<Node>,
}

/// What the rules say, and of which tags.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Say {
    Blank,
    Keep,
    Nothing,
}

#[derive(Clone, Debug)]
struct Model([Say; RULED.len()]);

impl Model {
    /// Whether the value of an element `tag` is blanked, where `inherited` is what the sequences around it say.
    fn blanks(&self, tag: Tag, inherited: bool) -> bool {
        match RULED.iter().position(|ruled| *ruled == tag).map(|place| self.0[place]) {
            Some(Say::Blank) => true,
            Some(Say::Keep) => false,
            Some(Say::Nothing) | None => inherited,
        }
    }

    fn rules(&self) -> Rules {
        let of = |wanted| RULED.iter().zip(self.0).filter(move |(_, say)| *say == wanted).map(|(tag, _)| *tag);
        Rules::new(of(Say::Blank), of(Say::Keep)).expect("fit")
    }

    fn node(&self, b: Build, node: &Node, inherited: bool) -> Unit {
        match node {
            Node::Leaf(leaf, stated, value) => self.leaf(b, *leaf, stated, value, inherited),
            Node::Sequence(sequence, how, len, items) => {
                self.sequence(b, SEQUENCES[*sequence], *how, *len, items, inherited)
            }
            Node::Opaque(items) => {
                // Without a VR that says what it is, what is listed may not stand in it.
                let items = items.iter().filter(|_| b != IL).map(|item| self.item(b, item, false));
                // Begins with an item also where there is none, and does not end with one.
                let inside = join([b.item(Defined, []), join(items), raw("x")]);
                let unit = Unit { marks: vec![], ..b.holds(PRIVATE, "OB", Defined, [inside]) };
                if self.blanks(PRIVATE, inherited) { unit.nuls() } else { unit }
            }
            Node::Pixels(bytes) => {
                let unit = b.el(PIXELS, "OW", bytes);
                if inherited { unit.nuls() } else { unit }
            }
            Node::Fragments(fragments) => {
                let fragment = |bytes: &Vec<u8>| {
                    let mut unit = b.fragment(bytes);
                    if inherited && !bytes.is_empty() {
                        unit.marks = vec![(8..unit.len(), 0)];
                    }
                    unit
                };
                b.fragments(Undefined, fragments.iter().map(fragment))
            }
        }
    }

    fn leaf(&self, b: Build, leaf: usize, stated: &str, value: &Value, inherited: bool) -> Unit {
        let (tag, listed) = LEAVES[leaf];
        let letters = if b == IL { listed } else { stated };
        let mut bytes = match value {
            Value::Bytes(bytes) => bytes.clone(),
            Value::Item => b.item(Defined, [b.el(NAME, "PN", "Doe^Jane")]).bytes,
            Value::Delimiter => b.sequence_delimiter().bytes,
        };
        // What begins with an item and may be a sequence is walked as one: not here, where a leaf is meant.
        if bytes.starts_with(&b.tag(Tag::ITEM)) || bytes.starts_with(&IL.tag(Tag::ITEM)) {
            bytes.splice(0..0, *b"no item!"); // nor an item whose tag is damaged
        }
        let unit = b.el(tag, letters, bytes);
        let is_group_length = tag.element() == 0 && letters == "UL" && unit.value.len() == 4;
        if !is_group_length && self.blanks(tag, inherited) { unit.padded(letters) } else { unit }
    }

    fn sequence(&self, b: Build, tag: Tag, how: How, len: Len, items: &[Item], inherited: bool) -> Unit {
        // What is listed itself, and not called a sequence, is a value.
        let is_value = tag == PRIVATE_2 && self.blanks(tag, false) && len == Defined && (how != How::Plain || b == IL);
        let inherited = self.blanks(tag, inherited);
        let (letters, inner) = match how {
            How::Plain => ("SQ", b),
            How::Unknown => ("UN", IL),
            How::UnknownAsAround => ("UN", b),
        };
        let items: Vec<_> = items.iter().map(|item| self.item(inner, item, inherited)).collect();
        if is_value {
            b.holds(tag, letters, Defined, items).nuls()
        } else if len == Defined {
            b.holds(tag, letters, Defined, items)
        } else {
            b.holds(tag, letters, Open, items.into_iter().chain([inner.sequence_delimiter()]))
        }
    }

    fn item(&self, b: Build, item: &Item, inherited: bool) -> Unit {
        let other = match b.0 {
            Syntax::ImplicitLittle => EL,
            Syntax::ExplicitLittle => IL,
            Syntax::ExplicitBig => EB, // has no twin
        };
        let inner = if item.is_other { other } else { b };
        // An item in the other VR is known by its first elements: two that every reader knows.
        let known = |_| self.leaf(inner, 2, "CS", &Value::Bytes(b"F ".to_vec()), inherited);
        let first = (0..2).filter(|_| item.is_other).map(known);
        let nodes = item.nodes.iter().map(|node| self.node(inner, node, inherited));
        b.item(item.len, first.chain(nodes))
    }
}

/// A file: how it begins, in which syntax it is, what is in it.
#[derive(Clone, Debug)]
struct File {
    head: Head,
    syntax: usize,
    nodes: Vec<Node>,
    model: Model,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Head {
    Part10,
    /// The first two elements tell the syntax.
    Bare,
}

impl File {
    fn unit(&self) -> Unit {
        let (b, uid) = ALL[self.syntax];
        let data_set = join(self.nodes.iter().map(|node| self.model.node(b, node, false)));
        match self.head {
            Head::Part10 => file(uid, [data_set]),
            Head::Bare => join([known(b), data_set]),
        }
    }
}

/// Two elements by which a syntax is known.
fn known(b: Build) -> Unit {
    join([b.el(CHARSET, "CS", "ISO_IR 100"), b.el(TYPE, "CS", "ORIGINAL")])
}

fn a_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[ -~]{0,24}".prop_map(|text| Value::Bytes(text.into_bytes())),
        2 => vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        1 => Just(Value::Bytes(vec![b'x'; 300])), // longer than 8 bits say
        1 => Just(Value::Item),
        1 => Just(Value::Delimiter),
    ]
}

fn a_leaf() -> impl Strategy<Value = Node> {
    let stated = prop_oneof![
        4 => Just(None),
        1 => select(vec!["UN", "LO", "UT", "OB", "PN", "UI", "US", "SH"]).prop_map(Some),
    ];
    (0..LEAVES.len(), stated, a_value())
        .prop_map(|(leaf, stated, value)| Node::Leaf(leaf, stated.unwrap_or(LEAVES[leaf].1), value))
}

fn items(depth: u32) -> impl Strategy<Value = Vec<Item>> {
    let item = (select(vec![Defined, Undefined]), prop::bool::weighted(0.2), nodes(depth))
        .prop_map(|(len, is_other, nodes)| Item { len, is_other, nodes });
    vec(item, 0..4)
}

fn nodes(depth: u32) -> BoxedStrategy<Vec<Node>> {
    if depth == 0 {
        return vec(a_leaf(), 0..4).boxed();
    }
    let how = select(vec![How::Plain, How::Plain, How::Unknown, How::UnknownAsAround]);
    let node = prop_oneof![
        5 => a_leaf(),
        4 => (0..SEQUENCES.len(), how, select(vec![Defined, Undefined]), items(depth - 1))
            .prop_map(|(sequence, how, len, items)| Node::Sequence(sequence, how, len, items)),
        1 => items(depth - 1).prop_map(Node::Opaque),
        1 => vec(any::<u8>(), 0..40).prop_map(Node::Pixels),
        1 => vec(vec(any::<u8>(), 0..20), 0..4).prop_map(Node::Fragments),
    ];
    vec(node, 0..5).boxed()
}

fn a_file() -> impl Strategy<Value = File> {
    let say = prop_oneof![3 => Just(Say::Nothing), 3 => Just(Say::Blank), 1 => Just(Say::Keep)];
    let model = proptest::array::uniform12(say).prop_map(Model);
    let head = select(vec![Head::Part10, Head::Bare]);
    (head, 0..ALL.len(), nodes(3), model).prop_map(|(head, syntax, nodes, model)| File { head, syntax, nodes, model })
}

fn is_sound(bytes: &[u8], rules: &Rules) -> Result<(), TestCaseError> {
    check::is_sound(bytes, rules, &LIMITS).map_err(TestCaseError::fail)
}

/// As many cases as seconds allow; more with `PROPTEST_CASES`. No file of past failures: what is found becomes a row.
fn config(cases: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok());
    let cases = wanted.unwrap_or(cases);
    ProptestConfig {
        failure_persistence: None,
        max_global_rejects: 2 + cases / 100,
        ..ProptestConfig::with_cases(cases)
    }
}

/// The plan of a file that is in order. By accident some read otherwise, too: the decoys among their values are elements then. Such a file is
/// refused and tells nothing, and where that is more than one in a hundred, the law fails.
fn planned(bytes: &[u8], rules: &Rules) -> Result<Plan, TestCaseError> {
    plan_of(bytes, rules, &LIMITS).map_err(|error| {
        if is_ambiguous(&error) { TestCaseError::reject("ambiguous") } else { TestCaseError::fail(error.to_string()) }
    })
}

/// Passes a case over where more is blanked than is marked: a whole value around marked ones, since some reader may see something else in it.
/// Behind a value of odd length that happens by accident. Of all cases it may be as many as are refused.
fn no_more_than(edits: &[Mark], wanted: &[Mark]) -> Result<(), TestCaseError> {
    let is_around =
        |edit: &Mark| wanted.iter().any(|mark| covers(std::slice::from_ref(edit), std::slice::from_ref(mark)));
    if edits != wanted && covers(edits, wanted) && edits.iter().all(is_around) {
        return Err(TestCaseError::reject("read in several ways"));
    }
    prop_assert_eq!(edits, wanted);
    Ok(())
}

/// Passes a case over where the result of a run is read in other ways than the file before, so that more is blanked by a second one: padding
/// may read as headers, see [`check::is_sound`].
fn no_more_again(again: &Plan, before: &Plan) -> Result<(), TestCaseError> {
    if again.edits() != before.edits() && covers(&marks(again.edits()), &marks(before.edits())) {
        return Err(TestCaseError::reject("read in several ways afterwards"));
    }
    prop_assert!(again.edits() == before.edits(), "{:?}", again);
    Ok(())
}

/// Private creators and elements in any order, as a data set or an item.
fn blocks() -> impl Strategy<Value = Vec<(Tag, &'static str)>> {
    let tags = select(vec![CREATOR, Tag::new(0x0029, 0x0011), PRIVATE, PRIVATE_2, Tag::new(0x0029, 0x1110), NAME]);
    vec((tags, select(vec!["ACME", "acme ", "OTHER", "ACME\\OTHER", "", "  "])), 0..8)
}

/// Rules by creator: the same elements of two creators, blanked or kept, and a blanked sequence around.
fn by_creator() -> impl Strategy<Value = Rules> {
    let private = |creator, element| Selector::Private(Private::new(0x0029, creator, element).expect("fit"));
    let elements = [private("ACME", 0x10), private("ACME", 0x20), private("OTHER", 0x10), Selector::Tag(CONTENT)];
    proptest::array::uniform4(select(vec![Some(true), Some(false), None])).prop_map(move |says| {
        let of =
            |wanted| elements.iter().zip(says).filter(move |(_, say)| *say == Some(wanted)).map(|(one, _)| one.clone());
        Rules::of(of(true), of(false)).expect("fit")
    })
}

proptest! {
    #![proptest_config(config(400))]

    /// Whatever creators say, wherever they stand: what a run leaves, the next one leaves, too.
    #[test]
    fn creators_are_found_again(top in blocks(), first in blocks(), second in blocks(), rules in by_creator()) {
        let elements = |all: Vec<(Tag, &'static str)>| join(all.into_iter().map(|(tag, value)| EL.el(tag, "LO", value)));
        let inner = EL.seq(STUDY, Undefined, [EL.item(Defined, [elements(second)])]);
        let item = EL.item(Undefined, [elements(first), inner]);
        let unit = file(EL_UID, [elements(top), EL.seq(CONTENT, Defined, [item])]);
        is_sound(&unit.bytes, &rules)?;
    }

    /// The marked values become padding, nothing else changes, and nothing is left to do: not after half of the work either.
    #[test]
    fn exactly_the_targets_are_blanked(file in a_file(), done in any::<prop::sample::Index>()) {
        let (unit, rules) = (file.unit(), file.model.rules());
        let plan = planned(&unit.bytes, &rules)?;
        no_more_than(&marks(plan.edits()), &unit.marks)?;
        prop_assert!(plan.warnings().is_empty());
        let after = applied(&plan, &unit.bytes);
        prop_assert_eq!(after.len(), unit.len());
        prop_assert!(after == unit.blanked());
        prop_assert!(left(&plan, &after).is_empty());

        // A crash half way.
        let some = &plan.edits()[..done.index(plan.edits().len() + 1)];
        let half = applied(&plan.clone().only(some), &unit.bytes);
        let again = planned(&half, &rules)?;
        no_more_again(&again, &plan)?;
        prop_assert!(applied(&again, &half) == after);
        let done = planned(&after, &rules)?;
        no_more_again(&done, &plan)?;
        prop_assert!(left(&done, &after).is_empty());
    }

    /// A file that is cut is refused, or every target in front of the cut is blanked.
    #[test]
    fn a_cut_file_hides_nothing(file in a_file(), cut in any::<prop::sample::Index>()) {
        let (unit, rules) = (file.unit(), file.model.rules());
        let at = cut.index(unit.len() + 1);
        let bytes = &unit.bytes[..at];
        if let Ok(plan) = plan_of(bytes, &rules, &LIMITS) {
            let in_front: Vec<_> = unit.marks.iter().filter(|(span, _)| span.start < at).cloned().collect();
            no_more_than(&marks(plan.edits()), &in_front)?;
        }
        is_sound(bytes, &rules)?;
    }

    /// A transfer syntax that is not the data set's: it is read as it is written, where its first two elements say how. A lone private
    /// element of VR UN says nothing: in the other byte order it is another lone private element.
    #[test]
    fn a_wrong_transfer_syntax_hides_nothing(file in a_file(), stated in 0..ALL.len()) {
        let (b, rules) = (ALL[file.syntax].0, file.model.rules());
        let data_set = join(file.nodes.iter().map(|node| file.model.node(b, node, false)));
        let unit = build::file(ALL[stated].1, [known(b), data_set]);
        no_more_than(&marks(planned(&unit.bytes, &rules)?.edits()), &unit.marks)?;
    }

    /// Flipped bits make another file, a refused one, or none: no panic, no endless walk, no plan that reaches out of it.
    #[test]
    fn flipped_bytes_do_no_harm(file in a_file(), flips in vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4)) {
        let (unit, rules) = (file.unit(), file.model.rules());
        let mut bytes = unit.bytes;
        prop_assume!(!bytes.is_empty());
        for (place, mask) in flips {
            let at = place.index(bytes.len());
            bytes[at] ^= mask;
        }
        is_sound(&bytes, &rules)?;
    }

    /// The same for bytes that were moved, doubled or dropped.
    #[test]
    fn moved_bytes_do_no_harm(file in a_file(), from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), count in 0..64_usize) {
        let (unit, rules) = (file.unit(), file.model.rules());
        let mut bytes = unit.bytes;
        let from = from.index(bytes.len() + 1);
        let piece: Vec<_> = bytes.drain(from..(from + count).min(bytes.len())).collect();
        let to = to.index(bytes.len() + 1);
        is_sound(&bytes, &rules)?;
        bytes.splice(to..to, piece);
        is_sound(&bytes, &rules)?;
    }

    /// Bytes that are no file, alone and where a data set belongs.
    #[test]
    fn any_bytes_do_no_harm(bytes in vec(any::<u8>(), 0..300), syntax in 0..ALL.len()) {
        let rules = Rules::new(RULED, []).unwrap();
        is_sound(&bytes, &rules)?;
        is_sound(&file(ALL[syntax].1, [raw(&bytes)]).bytes, &rules)?;
        is_sound(&join([preamble([]), raw(&bytes)]).bytes, &rules)?;
    }

    /// A plan comes back from its bytes. Bytes that were flipped or cut give an error, or a plan that is sound all the same.
    #[test]
    fn a_plan_travels(file in a_file(), at in any::<prop::sample::Index>(), mask in 1..=255_u8) {
        let (unit, rules) = (file.unit(), file.model.rules());
        let plan = planned(&unit.bytes, &rules)?;
        let mut bytes = plan.to_bytes();
        prop_assert!(Plan::from_bytes(&bytes) == Ok(plan));
        let at = at.index(bytes.len());
        prop_assert!(Plan::from_bytes(&bytes[..at]).is_err());
        bytes[at] ^= mask;
        if let Ok(other) = Plan::from_bytes(&bytes) {
            prop_assert_eq!(other.to_bytes(), bytes);
            let mut free = 0;
            for edit in other.edits() {
                prop_assert!(edit.span().start() >= free && !edit.span().is_empty());
                prop_assert!(!other.tag_path(edit).steps().is_empty());
                free = edit.span().end();
            }
            prop_assert!(free <= other.source_size());
        }
    }

    /// A smaller budget refuses, or plans the same.
    #[test]
    fn a_smaller_budget_never_plans_less(file in a_file(), depth in 0..6_u32, elements in 0..60_u64, edits in 0..20_u32) {
        let (unit, rules) = (file.unit(), file.model.rules());
        let whole = planned(&unit.bytes, &rules)?;
        match plan_of(&unit.bytes, &rules, &Limits { depth, elements, edits, ..Limits::default() }) {
            Ok(plan) => prop_assert_eq!(plan, whole),
            Err(error) => prop_assert!(matches!(
                error.kind,
                ErrorKind::TooDeep { .. } | ErrorKind::TooManyElements { .. } | ErrorKind::TooManyEdits { .. }
            ), "{}", error),
        }
    }
}

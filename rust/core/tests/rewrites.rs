//! Laws of rewrites, tried on generated files: nested data sets in all syntaxes at once, whose result is built beside
//! them, from the same parts.
//!
//! What must become of each element is computed by rules as the issue words them: the core is not asked. So an equal
//! result is one in which nothing that goes is anywhere, all else is there byte for byte and in order, and each length
//! is the sum of what is in it.

mod build;
mod check;
mod rewriting;
mod road;

use build::*;
use dicomblank_core::{Error, ErrorKind, Limits, Rules, Selector, Syntax, Tag, Treatment, Vr};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rewriting::{Outcome, additions, head, rewritten, text};

const LENGTH: Tag = Tag::new(0x0008, 0x0000);
const METHOD: Tag = Tag::new(0x0012, 0x0063); // De-identification Method, LO: added
const REMOVED: Tag = Tag::new(0x0012, 0x0062); // Patient Identity Removed, CS: added
const CODES: Tag = Tag::new(0x0040, 0xA043); // Concept Name Code Sequence, SQ
const CURVE: Tag = Tag::new(0x5002, 0x1234); // in a group of curves

/// A leaf's tag and the VR that the dictionary gives it: that of implicit elements.
const LEAVES: [(Tag, &str); 14] = [
    (NAME, "PN"),
    (ID, "LO"),
    (SEX, "CS"),
    (BIRTH, "DA"),
    (INSTANCE, "UI"),
    (MODALITY, "CS"),
    (ROWS, "US"),
    (TEXT, "UT"),
    (LENGTH, "UL"),
    (UNLISTED, "UN"),
    (PRIVATE, "UN"),
    (CREATOR, "UN"),
    (METHOD, "LO"),
    (CURVE, "UN"),
];
const SEQUENCES: [Tag; 5] = [CONTENT, STUDY, OTHER_IDS, PRIVATE_2, CODES];
const RULED: [Tag; 14] =
    [NAME, ID, SEX, BIRTH, INSTANCE, ROWS, TEXT, UNLISTED, PRIVATE, CONTENT, STUDY, OTHER_IDS, PRIVATE_2, CODES];
const LIMITS: Limits = Limits { depth: 40, elements: 100_000, edits: 10_000, sites: 10_000 };

#[derive(Clone, Debug)]
enum Node {
    /// Index into `LEAVES`, the VR that an explicit header states, the value.
    Leaf(usize, &'static str, Vec<u8>),
    /// Index into `SEQUENCES`.
    Sequence(usize, How, Len, Vec<Item>),
    /// A private value that holds items and then no item.
    Opaque(Vec<Item>),
    Pixels(Vec<u8>),
    Fragments(Vec<Vec<u8>>),
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
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Say {
    Nothing,
    Blank,
    Keep,
    Remove,
    Empty,
    Dummy,
}

/// What the rules say of the tags, and whether all private elements and all curves go.
#[derive(Clone, Debug)]
struct Model {
    says: [Say; RULED.len()],
    private: bool,
    curves: bool,
}

/// Before and after. An element that goes is nothing afterwards.
struct Both {
    before: Unit,
    after: Unit,
}

fn both(units: impl IntoIterator<Item = Both>) -> (Vec<Unit>, Vec<Unit>) {
    units.into_iter().map(|both| (both.before, both.after)).unzip()
}

impl Model {
    fn say(&self, tag: Tag) -> Say {
        let own = RULED.iter().position(|ruled| *ruled == tag).map_or(Say::Nothing, |place| self.says[place]);
        match own {
            Say::Nothing if self.private && tag.group() % 2 == 1 => Say::Remove,
            Say::Nothing if self.curves && tag == CURVE => Say::Remove,
            own => own,
        }
    }

    fn rules(&self) -> Rules {
        let treatment = |say| {
            Some(match say {
                Say::Nothing => return None,
                Say::Blank => Treatment::Blank,
                Say::Keep => Treatment::Keep,
                Say::Remove => Treatment::Remove,
                Say::Empty => Treatment::Empty,
                Say::Dummy => Treatment::Dummy,
            })
        };
        let tags = RULED.iter().zip(self.says).filter_map(|(tag, say)| Some((Selector::Tag(*tag), treatment(say)?)));
        let private = self.private.then_some((Selector::AllPrivate, Treatment::Remove));
        let curves = dicomblank_core::Repeating::new(0xFF00_0000, 0x5000_0000).map(Selector::Repeating);
        let curves = curves.filter(|_| self.curves).map(|curves| (curves, Treatment::Remove));
        Rules::with(tags.chain(private).chain(curves)).expect("fit")
    }

    /// `around` is what the sequences around say: nothing, blank or dummy.
    fn node(&self, b: Build, node: &Node, around: Say, is_root: bool) -> Both {
        match node {
            Node::Leaf(leaf, stated, value) => self.leaf(b, *leaf, stated, value, around, is_root),
            Node::Sequence(place, how, len, items) => self.sequence(b, SEQUENCES[*place], *how, *len, items, around),
            Node::Opaque(items) => {
                // Without a VR that says what it is, what is listed may not stand in it.
                let items = items.iter().filter(|_| b != IL).map(|item| self.item(b, item, Say::Nothing).before);
                // Nor may it stay without one, where all others go: any two bytes may be the group of a private element.
                let stays = b == IL && self.private && self.say(PRIVATE) == Say::Keep;
                let begin = if stays { raw("no item!") } else { b.item(Defined, []) };
                let inside = join([begin, join(items), raw("x")]);
                self.value(b, PRIVATE, "OB", &inside.bytes, around)
            }
            Node::Pixels(bytes) => {
                let before = b.el(PIXELS, "OW", bytes);
                let after =
                    if around == Say::Nothing { before.clone() } else { b.el(PIXELS, "OW", vec![0; bytes.len()]) };
                Both { before, after }
            }
            Node::Fragments(fragments) => {
                let of = |fragment: &Vec<u8>| {
                    let before = b.fragment(fragment);
                    let after =
                        if around == Say::Nothing { before.clone() } else { b.fragment(vec![0; fragment.len()]) };
                    Both { before, after }
                };
                let (before, after) = both(fragments.iter().map(of));
                Both { before: b.fragments(Undefined, before), after: b.fragments(Undefined, after) }
            }
        }
    }

    fn leaf(&self, b: Build, leaf: usize, stated: &str, value: &[u8], around: Say, is_root: bool) -> Both {
        let (tag, listed) = LEAVES[leaf];
        let letters = if b == IL { listed } else { stated };
        let mut bytes = value.to_vec();
        // What begins with an item and may be a sequence is walked as one: not here, where a leaf is meant.
        if bytes.starts_with(&b.tag(Tag::ITEM)) || bytes.starts_with(&IL.tag(Tag::ITEM)) {
            bytes.splice(0..0, *b"no item!");
        }
        if tag == LENGTH || (is_root && tag == METHOD) {
            return Both { before: b.el(tag, letters, bytes), after: Unit::default() };
        }
        self.value(b, tag, letters, &bytes, around)
    }

    fn value(&self, b: Build, tag: Tag, letters: &str, bytes: &[u8], around: Say) -> Both {
        let before = b.el(tag, letters, bytes);
        let blanked = || b.el(tag, letters, vec![padding(letters); bytes.len()]);
        let after = match (self.say(tag), around) {
            (Say::Keep, _) | (Say::Nothing, Say::Nothing) => before.clone(),
            (Say::Remove, _) => Unit::default(),
            (Say::Empty, _) => b.el(tag, letters, ""),
            (Say::Blank, _) | (_, Say::Blank) => blanked(),
            (Say::Nothing, _) if bytes.is_empty() => before.clone(),
            (Say::Dummy | Say::Nothing, _) => {
                let listed = LEAVES.iter().find(|(leaf, _)| *leaf == tag).map_or("UN", |(_, listed)| listed);
                let known = if letters == "UN" { listed } else { letters };
                b.el(tag, letters, dummy(known, bytes))
            }
        };
        Both { before, after }
    }

    fn sequence(&self, b: Build, tag: Tag, how: How, len: Len, items: &[Item], around: Say) -> Both {
        let say = self.say(tag);
        let (letters, inner) = match how {
            How::Plain => ("SQ", b),
            How::Unknown => ("UN", IL),
            How::UnknownAsAround => ("UN", b),
        };
        // What has a rule itself, and is not called a sequence, is a value.
        let is_value = tag == PRIVATE_2
            && !matches!(say, Say::Nothing | Say::Keep)
            && len == Defined
            && (how != How::Plain || b == IL);
        let inherited = match (say, around) {
            (Say::Keep, _) => Say::Nothing,
            (Say::Blank, _) | (_, Say::Blank) => Say::Blank,
            (Say::Dummy, _) => Say::Dummy,
            _ => around,
        };
        let (before, after) = both(items.iter().map(|item| self.item(inner, item, inherited)));
        let holds = |inside: Vec<Unit>| match len {
            Defined => b.holds(tag, letters, Defined, inside),
            _ => b.holds(tag, letters, Open, inside.into_iter().chain([inner.sequence_delimiter()])),
        };
        let before = holds(before);
        if is_value {
            let value = before.bytes[b.header(tag, letters, 0).len()..].to_vec();
            return self.value(b, tag, "UN", &value, around);
        }
        let makes_code = tag == CODES
            && (say == Say::Dummy || (say == Say::Nothing && around == Say::Dummy))
            && around != Say::Blank;
        // Nothing but its tag says that it is a sequence, and it has no item to be made another.
        let is_nothing = letters == "UN" && b != IL && len == Defined && items.is_empty();
        let after = match say {
            Say::Remove => Unit::default(),
            Say::Empty => b.el(tag, letters, ""),
            _ if makes_code && is_nothing => before.clone(),
            _ if makes_code => b.holds(tag, letters, Defined, [code(if letters == "UN" { IL } else { b })]),
            _ => holds(after),
        };
        Both { before, after }
    }

    fn item(&self, b: Build, item: &Item, around: Say) -> Both {
        let (before, after) = both(item.nodes.iter().map(|node| self.node(b, node, around, false)));
        Both { before: b.item(item.len, before), after: b.item(item.len, after) }
    }
}

/// Written here once more, on purpose.
fn dummy(letters: &str, bytes: &[u8]) -> Vec<u8> {
    match letters {
        "PN" | "LO" | "CS" | "UT" | "SH" => b"DUMMY ".to_vec(),
        "DA" => b"19000101".to_vec(),
        "UI" => vec![b'7'; bytes.len()],
        // As many numbers.
        "US" if bytes.len() > 2 && bytes.len().is_multiple_of(2) => vec![0; bytes.len()],
        "UL" if bytes.len() > 4 && bytes.len().is_multiple_of(4) => vec![0; bytes.len()],
        "US" | "OB" | "UN" => vec![0; 2],
        "UL" => vec![0; 4],
        other => panic!("{other}"),
    }
}

fn code(b: Build) -> Unit {
    b.item(
        Defined,
        [
            b.el(Tag::new(8, 0x100), "SH", "DUMMY "),
            b.el(Tag::new(8, 0x102), "SH", "99DUMMY "),
            b.el(Tag::new(8, 0x104), "LO", "DUMMY "),
        ],
    )
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
    fn both(&self) -> Both {
        let (b, uid) = ALL[self.syntax];
        let nodes: Vec<_> =
            self.nodes.iter().map(|node| (node, self.model.node(b, node, Say::Nothing, true))).collect();
        let inserts = [b.el(REMOVED, "CS", "YES "), b.el(METHOD, "LO", "a method")];
        let mut inserts = [REMOVED, METHOD].into_iter().zip(inserts).peekable();
        let mut after = Vec::new();
        let mut instance = None;
        for (node, both) in &nodes {
            let tag = tag_of(node);
            while let Some((_, insert)) = inserts.next_if(|(place, _)| *place <= tag) {
                after.push(insert);
            }
            if tag == INSTANCE {
                instance.get_or_insert(both.after.bytes.get(both.after.value.clone()).unwrap_or_default().to_vec());
            }
            after.push(both.after.clone());
        }
        after.extend(inserts.map(|(_, insert)| insert));
        let before = join(nodes.into_iter().map(|(_, both)| both.before));
        match self.head {
            Head::Part10 => {
                let instance = String::from_utf8(instance.unwrap_or_default()).unwrap_or_default();
                let trimmed = instance.trim_start_matches(' ').trim_end_matches([' ', '\0']);
                let is_uid = instance.len() <= 64 && trimmed.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                let head = head("1.2.840.10008.5.1.4.1.1.4", if is_uid { trimmed } else { "" }, uid);
                Both { before: file(uid, [before]), after: join([head, join(after)]) }
            }
            Head::Bare => Both { before: join([known(b), before]), after: join([known(b), join(after)]) },
        }
    }
}

fn tag_of(node: &Node) -> Tag {
    match node {
        Node::Leaf(leaf, ..) => LEAVES[*leaf].0,
        Node::Sequence(sequence, ..) => SEQUENCES[*sequence],
        Node::Opaque(_) => PRIVATE,
        Node::Pixels(_) | Node::Fragments(_) => PIXELS,
    }
}

/// Two elements by which a syntax is known.
fn known(b: Build) -> Unit {
    join([b.el(CHARSET, "CS", "ISO_IR 100"), b.el(TYPE, "CS", "ORIGINAL")])
}

fn a_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[ -~]{0,24}".prop_map(String::into_bytes),
        1 => "[0-9.]{0,12}".prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..40),
        1 => Just(vec![b'x'; 300]), // longer than 8 bits say
        1 => Just(EL.sequence_delimiter().bytes),
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
    let item = (select(vec![Defined, Undefined]), nodes(depth)).prop_map(|(len, nodes)| Item { len, nodes });
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
    vec(node, 0..6).boxed()
}

fn a_model() -> impl Strategy<Value = Model> {
    let say = prop_oneof![
        3 => Just(Say::Nothing),
        1 => Just(Say::Blank),
        1 => Just(Say::Keep),
        2 => Just(Say::Remove),
        2 => Just(Say::Empty),
        2 => Just(Say::Dummy),
    ];
    (proptest::array::uniform14(say), any::<bool>(), any::<bool>()).prop_map(|(says, private, curves)| Model {
        says,
        private,
        curves,
    })
}

fn a_file() -> impl Strategy<Value = File> {
    let head = select(vec![Head::Part10, Head::Bare]);
    (head, 0..ALL.len(), nodes(3), a_model()).prop_map(|(head, syntax, nodes, model)| File {
        head,
        syntax,
        nodes,
        model,
    })
}

/// As many cases as seconds allow; more with `PROPTEST_CASES`. No file of past failures: what is found becomes a row.
fn config(cases: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok());
    let cases = wanted.unwrap_or(cases);
    ProptestConfig {
        failure_persistence: None,
        max_global_rejects: 2 + cases / 20,
        ..ProptestConfig::with_cases(cases)
    }
}

fn with_marks() -> dicomblank_core::Additions {
    additions(vec![text(METHOD, Vr::LO, "a method"), text(REMOVED, Vr::CS, "YES")])
}

/// Whether a file is refused since readers differ in what is in it, or would differ in the result.
fn is_ambiguous(error: &Error) -> bool {
    check::is_ambiguous(error) || error.kind == ErrorKind::OtherResult
}

/// The result of a file that is in order. By accident some read otherwise, too: such a file is refused, and where that
/// is more than one in twenty, the law fails.
fn done(bytes: &[u8], rules: &Rules) -> Result<Outcome, TestCaseError> {
    rewritten(bytes, rules, &with_marks(), &LIMITS).map_err(|error| {
        if is_ambiguous(&error) { TestCaseError::reject("ambiguous") } else { TestCaseError::fail(error.to_string()) }
    })
}

proptest! {
    #![proptest_config(config(400))]

    /// The result is what is built beside it. Rewritten again, it is the same once more.
    #[test]
    fn the_result_is_what_the_rules_say(file in a_file()) {
        let (Both { before, after }, rules) = (file.both(), file.model.rules());
        let result = done(&before.bytes, &rules)?;
        prop_assert!(result.bytes == after.bytes, "\n{:02x?}\n{:02x?}", result.bytes, after.bytes);
        let again = done(&result.bytes, &rules)?;
        prop_assert!(again.bytes == result.bytes);
    }

    /// Flipped bits make another file, a refused one, or none: no panic, no endless walk, and what is written is always
    /// what was checked.
    #[test]
    fn flipped_bytes_do_no_harm(file in a_file(), flips in vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4)) {
        let (unit, rules) = (file.both().before, file.model.rules());
        let mut bytes = unit.bytes;
        prop_assume!(!bytes.is_empty());
        for (place, mask) in flips {
            let at = place.index(bytes.len());
            bytes[at] ^= mask;
        }
        drop(rewritten(&bytes, &rules, &with_marks(), &LIMITS));
    }

    /// A file that is cut anywhere is refused, or rewritten as far as it goes.
    #[test]
    fn a_cut_file_does_no_harm(file in a_file(), cut in any::<prop::sample::Index>()) {
        let (unit, rules) = (file.both().before, file.model.rules());
        let at = cut.index(unit.len() + 1);
        drop(rewritten(&unit.bytes[..at], &rules, &with_marks(), &LIMITS));
    }

    /// Bytes that are no file, alone and where a data set belongs.
    #[test]
    fn any_bytes_do_no_harm(bytes in vec(any::<u8>(), 0..300), syntax in 0..ALL.len(), model in a_model()) {
        let rules = model.rules();
        for bytes in [&bytes, &file(ALL[syntax].1, [raw(&bytes)]).bytes] {
            drop(rewritten(bytes, &rules, &with_marks(), &LIMITS));
        }
    }
}

#[test]
fn each_syntax_is_tried() {
    assert_eq!(ALL.map(|(b, _)| b.0), [Syntax::ImplicitLittle, Syntax::ExplicitLittle, Syntax::ExplicitBig]);
}

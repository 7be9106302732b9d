//! Which of the values that are blanked or replaced identify somebody, and so are looked for elsewhere.

use dicomblank_core::{Action, Edit, Tag, Vr, dictionary};
use dicomblank_leftovers::Kind;

/// Identifiers of patients, visits and requests (PS3.15 Table E.1-1).
const IDENTIFIERS: [(u16, u16); 17] = [
    (0x0008, 0x0050), // AccessionNumber
    (0x0010, 0x0020), // PatientID
    (0x0010, 0x1000), // OtherPatientIDs
    (0x0010, 0x1050), // InsurancePlanIdentification
    (0x0010, 0x1090), // MedicalRecordLocator
    (0x0010, 0x2154), // PatientTelephoneNumbers
    (0x0020, 0x0010), // StudyID
    (0x0038, 0x0010), // AdmissionID
    (0x0038, 0x0060), // ServiceEpisodeID
    (0x0040, 0x0009), // ScheduledProcedureStepID
    (0x0040, 0x0253), // PerformedProcedureStepID
    (0x0040, 0x1001), // RequestedProcedureID
    (0x0040, 0x2016), // PlacerOrderNumberImagingServiceRequest
    (0x0040, 0x2017), // FillerOrderNumberImagingServiceRequest
    (0x0012, 0x0040), // ClinicalTrialSubjectID
    (0x0012, 0x0042), // ClinicalTrialSubjectReadingID
    (0x0018, 0x1000), // DeviceSerialNumber
];

/// When somebody was born or examined.
const DATES: [(u16, u16); 6] = [
    (0x0008, 0x0020), // StudyDate
    (0x0008, 0x0021), // SeriesDate
    (0x0008, 0x0022), // AcquisitionDate
    (0x0008, 0x0023), // ContentDate
    (0x0008, 0x002A), // AcquisitionDateTime
    (0x0010, 0x0030), // PatientBirthDate
];

/// Institutions, and addresses.
const WHOLE: [(u16, u16); 4] = [
    (0x0008, 0x0080), // InstitutionName
    (0x0008, 0x0081), // InstitutionAddress
    (0x0008, 0x1040), // InstitutionalDepartmentName
    (0x0010, 0x1040), // PatientAddress
];

/// UIDs of what files are written by, not of what is in them.
const CLASSES: [(u16, u16); 3] = [
    (0x0002, 0x0002), // MediaStorageSOPClassUID
    (0x0008, 0x0016), // SOPClassUID
    (0x0008, 0x1150), // ReferencedSOPClassUID
];

/// How the value of an edit is spelled where it stands elsewhere; `None` where it identifies nobody: descriptions,
/// weights, times.
pub(super) fn kind(edit: &Edit) -> Option<Kind> {
    kind_of(edit.tag(), edit.vr(), edit.action())
}

/// The same of a value of this element, of which that becomes.
pub(super) fn kind_of(tag: Tag, vr: Vr, action: Action) -> Option<Kind> {
    let vr = dictionary::vr(tag).unwrap_or(vr);
    let is_in = |list: &[(u16, u16)]| list.contains(&(tag.group(), tag.element()));
    match vr {
        Vr::PN => Some(Kind::Name),
        Vr::UI => (!is_in(&CLASSES)).then_some(Kind::Uid),
        _ if is_in(&IDENTIFIERS) => Some(Kind::Identifier),
        _ if is_in(&DATES) => Some(Kind::Date),
        _ if is_in(&WHOLE) => Some(Kind::Whole),
        // What somebody has replaced by a keyed value is an identifier, whatever the list says.
        _ if action == Action::Identifier => Some(Kind::Identifier),
        _ => None,
    }
}

/// Specific Character Set (PS3.3 §C.12.1.1.2).
pub(super) const CHARACTER_SET: Tag = Tag::new(0x0008, 0x0005);

/// Referenced File ID (PS3.3 §F.3.2.2).
pub(super) const FILE_ID: Tag = Tag::new(0x0004, 0x1500);

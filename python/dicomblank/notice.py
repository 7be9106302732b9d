"""What dicomblank does not do, in the words that `dicomblank levels` prints and the README repeats."""

__all__ = ["LEFT_ALONE", "LEFT_BY_ANONYMIZE", "LEFT_BY_PSEUDONYMIZE", "NOTICE", "RECALL"]

#: What stays as it is at the levels of NiDB, unless it is named with --blank.
LEFT_ALONE = (
    "AccessionNumber",
    "OtherPatientIDs",
    "AcquisitionDateTime",
    "InstanceCreationDate",
    "SeriesDescription",
    "NameOfPhysiciansReadingStudy",
    "RequestingPhysician",
    "PersonName (0040,A123)",
    "UIDs",
    "CSA and other private headers",
    "the preamble",
    "burned-in pixels",
    "file and folder names",
    "value lengths",
)

#: What the level anonymize leaves in addition.
LEFT_BY_ANONYMIZE = (
    "PatientID, dates other than the birth date, times, institution and station, descriptions, weight and UIDs"
)

#: What the level pseudonymize leaves of what anonymize-full blanks, and all that tells of the values it replaces.
LEFT_BY_PSEUDONYMIZE = (
    "times, the intervals between a patient's dates, which values are equal, the lengths of values and of the parts of "
    "UIDs, and all that the list below names but AccessionNumber, OtherPatientIDs, dates and UIDs"
)

NOTICE = (
    "Anonymize Full is NiDB's list, not the profile of DICOM PS3.15.",
    f"It leaves {', '.join(LEFT_ALONE[:-1])}, and {LEFT_ALONE[-1]}.",
    "It sets no (0012,0062) PatientIdentityRemoved marker.",
    (
        "Spaces read as empty in most tools but are not valid DA or TM values, and type 1 attributes such as "
        "ContentDate of enhanced objects should have one."
    ),
    (
        "Blank PatientIDs make an archive merge patients, and without dates, times and weight there is no grouping by "
        "study, no PET SUV, no slice timing."
    ),
    "Digital signatures no longer verify.",
)

#: The last line of a run's summary: what even a run without a fault has not looked at.
RECALL = (
    "Not blanked: identifiers in other tags, in pixels, and in the names of files and folders. See: dicomblank levels"
)

"""Orthanc blanks what it receives, before it is stored: by C-STORE, by REST, by DICOMweb.

A script for Orthanc's Python plugin. In Orthanc's configuration, beside "Plugins":

    "PythonScript": "/opt/dicomblank/orthanc_plugin.py",
    "Dicomblank": {"Level": "pseudonymize", "KeyFile": "/etc/orthanc/secret.key"}

What can't be blanked is not stored: the sender gets an error, and the log says why, without a value.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial

import orthanc

import dicomblank
from dicomblank import Key, NotDicomError

# What is raised here ends Orthanc's start: an archive that can't blank takes nothing.
SETTINGS: dict[str, str] = json.loads(orthanc.GetConfiguration())["Dicomblank"]
KEY = Key.load(SETTINGS["KeyFile"]) if "KeyFile" in SETTINGS else None
blank = partial(dicomblank.anonymize_bytes, level=SETTINGS["Level"], key=KEY)
with suppress(NotDicomError):
    blank(b"")  # so is a level that is unknown, and a key that is missing or not needed

# What is no DICOM Orthanc refuses, and tells the sender. DISCARD would answer success, also to senders that delete what
# was sent with success.
REFUSED = (orthanc.ReceivedInstanceAction.MODIFY, b"refused")


def received(data: bytes, _origin: int) -> tuple[int, bytes]:
    """What becomes of one instance.

    Nothing may be raised out of here, not even KeyboardInterrupt: the plugin would keep the instance as it is.
    """
    try:
        return orthanc.ReceivedInstanceAction.MODIFY, blank(data)
    except BaseException as error:  # noqa: BLE001
        with suppress(BaseException):
            orthanc.LogError(f"dicomblank: an instance is not stored: {reason(error)}")
        return REFUSED


def reason(error: BaseException) -> str:
    """Of our own errors what they say, which is never a value; of others the kind."""
    return f"{type(error).__name__}: {error}" if isinstance(error, dicomblank.Error) else type(error).__name__


orthanc.RegisterReceivedInstanceCallback(received)

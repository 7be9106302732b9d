"""Where it was measured."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import Any

GIB = 1024**3


def machine() -> dict[str, Any]:
    """The machine, without its name."""
    return {
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_at_start": round(os.getloadavg()[0], 1),
    }


def available_memory() -> int:
    """Bytes that programs could take."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))


def file_system(folder: Path) -> str:
    """The type of the file system that holds `folder`."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    mounts = {Path(words[1]): words[2] for words in (line.split() for line in lines)}
    above = (folder.resolve(), *folder.resolve().parents)
    return next((mounts[path] for path in above if path in mounts), "unknown")


def free(folder: Path) -> int:
    """Bytes free where `folder` is."""
    return shutil.disk_usage(folder).free


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())

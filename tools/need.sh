#!/bin/sh
# Checks that what make calls is there; names what is missing with the command that installs it.
#   sh tools/need.sh PYTHON        all that building takes
#   sh tools/need.sh --lint        rustfmt and clippy too
#   sh tools/need.sh --readers     the DICOM readers that `make differential` asks beside pydicom
#   sh tools/need.sh --iods        the program that tests ask which attributes an object has to have (tests/iods.py)
#   sh tools/need.sh --archive     the archive that tests/test_orthanc.py sends files to
#   sh tools/need.sh --imports     what the import pipelines of examples are tested with: archive, senders, torch
#   sh tools/need.sh --browser     the browser that tests/test_page_browser.py lays a page out with
#   sh tools/need.sh --java        what runs Spark in tests/engines
set -u

missing() {
    printf '%s\n    %s\n' "$1" "$2" >&2
    exit 1
}

case "$(uname -s)" in
    Darwin)
        install_python='brew install python@3.13' install_linker='xcode-select --install'
        install_java='brew install openjdk@17'
        install_dcmdump='brew install dcmtk' install_gdcmdump='brew install gdcm'
        ;;
    *)
        install_python='sudo apt-get install python3 python3-venv' install_linker='sudo apt-get install gcc libc6-dev'
        install_java='sudo apt-get install openjdk-17-jre-headless'
        install_dcmdump='sudo apt-get install dcmtk' install_gdcmdump='sudo apt-get install libgdcm-tools'
        ;;
esac

if [ "$1" = --lint ]; then
    for component in fmt clippy; do
        cargo "$component" --version >/dev/null 2>&1 && continue
        name=$component
        [ "$component" = fmt ] && name=rustfmt
        missing "cargo $component is missing. Install it with:" "rustup component add $name"
    done
    exit 0
fi

if [ "$1" = --readers ]; then
    for reader in dcmdump gdcmdump; do
        command -v "$reader" >/dev/null 2>&1 && continue
        install=$install_dcmdump
        [ "$reader" = gdcmdump ] && install=$install_gdcmdump
        missing "$reader is missing, and what it would show is not looked for. Install it with:" "$install"
    done
    exit 0
fi

if [ "$1" = --iods ]; then
    command -v dciodvfy >/dev/null 2>&1 && exit 0
    [ "$(uname -s)" = Darwin ] &&
        missing 'dciodvfy is missing, and its tests are skipped. Homebrew has none; there are builds of dicom3tools at:' \
            'https://www.dclunie.com/dicom3tools.html'
    missing 'dciodvfy is missing, and its tests are skipped. Install it with:' 'sudo apt-get install dicom3tools'
fi

if [ "$1" = --archive ]; then
    # Debian puts it where only root's PATH leads.
    PATH=$PATH:/usr/sbin command -v Orthanc >/dev/null 2>&1 && exit 0
    [ "$(uname -s)" = Darwin ] &&
        missing 'Orthanc is missing, and its tests are skipped. Homebrew has none; there are builds of it at:' \
            'https://www.orthanc-server.com/download.php'
    missing 'Orthanc is missing, and its tests are skipped. Install it with:' 'sudo apt-get install orthanc'
fi

if [ "$1" = --imports ]; then
    sh "$0" --archive || exit 1
    command -v storescu >/dev/null 2>&1 ||
        missing 'storescu is missing, and nothing is sent by it. Install it with:' "$install_dcmdump"
    [ "$(uname -s)" = Darwin ] && exit 0
    for plugin in Python DicomWeb; do
        [ -e /usr/share/orthanc/plugins/libOrthanc$plugin.so ] && continue
        package=orthanc-$(echo $plugin | tr '[:upper:]' '[:lower:]')
        missing "Orthanc's $plugin plugin is missing, and its tests are skipped. Install it with:" \
            "sudo apt-get install $package"
    done
    /usr/bin/python3 -c 'import torch' 2>/dev/null ||
        missing 'torch is missing, and only multiprocessing is tested. Install it with:' \
            'sudo apt-get install python3-torch'
    exit 0
fi

if [ "$1" = --java ]; then
    { [ -n "${JAVA_HOME:-}" ] || command -v java; } >/dev/null 2>&1 && exit 0
    missing 'Java is missing, and the tests on Spark are skipped. Install it with:' "$install_java"
fi

if [ "$1" = --browser ]; then
    for browser in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$browser" >/dev/null 2>&1 && exit 0
    done
    [ "$(uname -s)" = Darwin ] && missing 'Chromium is missing, and the page of a report is not laid out. Install it with:' \
        'brew install --cask chromium'
    missing 'Chromium is missing, and the page of a report is not laid out. Install it with:' 'sudo apt-get install chromium'
fi

command -v "$1" >/dev/null 2>&1 ||
    missing "Python 3.11 or later is needed, and $1 is not there. Install it with:" "$install_python"
"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    missing "Python 3.11 or later is needed; $1 is $("$1" -V 2>&1). Install a later one, then name it:" \
        "$install_python; make PYTHON=python3.11"
"$1" -c 'import ensurepip, venv' 2>/dev/null ||
    missing "$1 cannot make virtual environments. Install what it lacks with:" 'sudo apt-get install python3-venv'
command -v cargo >/dev/null 2>&1 ||
    missing 'A Rust toolchain is needed, and cargo is not there. Install it with:' \
        "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
command -v cc >/dev/null 2>&1 ||
    missing 'Rust needs a linker, and cc is not there. Install it with:' "$install_linker"

wanted=$(sed -n 's/^rust-version = "1\.\([0-9]*\)".*/\1/p' Cargo.toml)
found=$(cargo --version | sed -n 's/^cargo 1\.\([0-9]*\).*/\1/p')
[ "${found:-$wanted}" -ge "$wanted" ] ||
    missing "Rust 1.$wanted or later is needed; this is $(cargo --version). Renew it with:" 'rustup update stable'

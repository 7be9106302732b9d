#!/usr/bin/env bash
# Blanks what has come into a folder, for NiDB or a converter to BIDS to take from another one. For cron, as in
#
#   */10 * * * *  /opt/dicomblank/nidb-cron.sh /data/incoming /data/blanked /data/reports
#
# A file is taken when it has not changed for 5 minutes, and a copy that is there, whole and blanked, is skipped. What
# can't be blanked gets no copy, is in the report of each run, and makes the exit code 1, so that cron writes a letter.
# LEVEL is another level than anonymize-full, KEY the key file of pseudonymize.
set -euo pipefail

incoming=${1:?the folder that scans come into} blanked=${2:?the folder of blanked copies} reports=${3:?of reports}
options=(--level "${LEVEL:-anonymize-full}" ${KEY:+--key "$KEY"})

# A disk that is not mounted must not look like a quiet night.
[ -d "$incoming" ] || { echo "$incoming is not there" >&2; exit 1; }
mkdir -p "$blanked" "$reports"
# The last run may still be at work.
exec 9>"$reports/lock"
flock --nonblock 9 || exit 0

find "$incoming" -type f -mmin +5 -print0 |
    dicomblank anonymize -0 --files-from - --relative-to "$incoming" --output "$blanked" "${options[@]}" \
        --skip-existing --allow-empty --quiet --report "$reports/$(date -u +%Y%m%dT%H%M%SZ).jsonl"

#!/bin/sh
# A SLURM array over the shards of a data set: each task does its share, and a task that is begun again goes on.
#
#     dicomblank shard /data/study --into shards
#     sbatch --array=0-99 examples/slurm-array.sh shards shared ledger
#
# Behind it: dicomblank report ledger/*.jsonl --output report.html
# On PBS it is the same with PBS_ARRAY_INDEX and "#PBS -J 0-99"; TASKS is how many tasks there are.
#SBATCH --job-name=dicomblank
#SBATCH --cpus-per-task=4
#SBATCH --requeue
set -eu

shards=$1 output=$2 ledger=$3
shift 3

exec dicomblank run-shard "$shards"/*.jsonl --output "$output" --ledger "$ledger" \
    --index "${SLURM_ARRAY_TASK_ID:-$PBS_ARRAY_INDEX}" --of "${TASKS:-$SLURM_ARRAY_TASK_COUNT}" \
    --workers "${SLURM_CPUS_PER_TASK:-1}" --quiet "$@"

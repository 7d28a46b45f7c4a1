#!/bin/sh
# One comparison on several machines by Ray: sh examples/ray.sh [more options of compare]
#
# Without a cluster Ray is started here, for this command alone. With one, on its first machine `ray start --head`,
# on the others `ray start --address=HEAD:6379`, and then: RAY_ADDRESS=HEAD:6379 sh examples/ray.sh
# Every machine needs the same seqcli, torch and Ray. What is finished is kept: the same command goes on.
set -u
here=$(dirname "$0")
exec ${SEQCLI:-seqcli} compare lstm gru --data "$here/tickets.csv" --hidden 8 --embedding 8 \
    --epochs 4 --batch-size 4 --seeds 3 --cost no --on ray "$@"

#!/bin/sh
# A gate for continuous integration, in seconds: sh examples/ci.sh [more options of compare]
#
# Trains two small models, holds them against thresholds and against an earlier result, writes a job summary,
# and ends with seqcli's own code: 0 all gates hold, 20 one does not, 21 these seeds cannot decide one,
# 9 a leg failed. Finished legs are kept in the cache, so every call after the first trains nothing.
set -u
here=$(dirname "$0")
results=${RESULTS:-ci-results}
baseline=${BASELINE:-$results/baseline.json}
summary=${GITHUB_STEP_SUMMARY:-$results/summary.md}
mkdir -p "$results" || exit

compare() {
    ${SEQCLI:-seqcli} compare lstm gru --data "$here/tickets.csv" --hidden 8 --embedding 8 \
        --epochs 4 --batch-size 4 --seeds 3 --no-cost --quiet "$@"
}

# The first time there is nothing to compare with: this result is what later ones are held against.
if [ ! -f "$baseline" ]; then
    compare --format json > "$results/first.json" || exit
    mv "$results/first.json" "$baseline"
fi

# An interval has to clear a gate: a lucky seed passes nothing, an unlucky one fails nothing.
compare --baseline "$baseline" \
    --expect "gru.parameters.total < lstm.parameters.total" \
    --expect "gru.accuracy >= baseline.gru.accuracy - 0.05" \
    --format github "$@" >> "$summary"
code=$?

case $code in
    0) echo "every gate holds; the summary is in $summary" ;;
    20) echo "a gate does not hold; the summary in $summary says which" ;;
    21) echo "these seeds cannot decide a gate; more of them (--seeds 10) may" ;;
    *) echo "seqcli ended with $code" ;;
esac
exit $code

#!/bin/bash
# The container's health: each pipeline of pipelines.yml runs. The report itself is answered with 200 whatever it says, as
# long as Logstash's API lives, and its colours tell of a slow store, too, which a restart would not mend.
# https://www.elastic.co/docs/api/doc/logstash/operation/operation-healthreport
#
# Environment: API (http://127.0.0.1:9600), PIPELINES (/usr/share/logstash/config/pipelines.yml).
# With bash and curl alone: the image has little else.
set -euo pipefail

names=()
while IFS= read -r line; do
  if [[ $line =~ ^-\ pipeline\.id:\ *(.+)$ ]]; then names+=("${BASH_REMATCH[1]}"); fi
done < "${PIPELINES:-/usr/share/logstash/config/pipelines.yml}"
[ "${#names[@]}" -gt 0 ] || { echo "pipelines.yml names no pipeline"; exit 1; }

report=$(curl -fsS --max-time 5 "${API:-http://127.0.0.1:9600}/_health_report")
report=${report//[[:space:]]/}
for name in "${names[@]}"; do
  # The first state after the pipeline's name is its own.
  own=${report#*"\"$name\":{"}
  state=${own#*'"state":"'}
  if [[ $own = "$report" || ${state%%\"*} != RUNNING ]]; then
    echo "the pipeline $name does not run: $report"
    exit 1
  fi
done
